/// Two examples for each command, which its help and its manual page show.
enum Examples {
    static func of(_ command: String) -> [String]? { all[command] }

    static let all: [String: [String]] = [
        "": [
            "sealring init", "sealring import ~/Downloads/alice_accessKeys.csv --name prod --delete-source",
            "sealring unlock", "aws s3 ls --profile prod",
        ],
        "add": [
            "sealring add ci --access-key-id AKIAIOSFODNN7EXAMPLE", "sealring add ci --secret-file ci.secret",
        ],
        "age": ["sealring age", "sealring age --offline --max-age 180d --json"],
        "clear": ["sealring clear admin", "sealring clear"],
        "completion": [
            "sealring completion bash > ~/.local/share/bash-completion/completions/sealring",
            "sealring completion fish > ~/.config/fish/completions/sealring.fish",
        ],
        "configure": ["sealring configure prod --region eu-central-1", "sealring configure prod --remove"],
        "credential-process": [
            "sealring credential-process prod",
            "sealring credential-process prod --no-agent --passphrase-file passphrase",
        ],
        "import": [
            "sealring import ~/Downloads/alice_accessKeys.csv --name prod --delete-source",
            "sealring import ~/.aws/credentials --dry-run",
        ],
        "init": ["sealring init", "sealring init --recovery-code-file /media/usb/sealring-code"],
        "list": ["sealring list", "sealring list --json"],
        "lock": ["sealring lock", "sealring lock --stop"],
        "login": ["sealring login admin", "sealring login admin --service s3 --duration 1h"],
        "mfa": [
            "sealring mfa set prod --mfa-serial arn:aws:iam::123456789012:mfa/alice",
            "sealring mfa remove prod",
        ],
        "mfa remove": ["sealring mfa remove prod", "sealring mfa remove prod --no-agent"],
        "mfa set": [
            "sealring mfa set prod --mfa-serial arn:aws:iam::123456789012:mfa/alice",
            "sealring mfa set prod --mfa-serial arn:aws:iam::123456789012:mfa/alice --seed",
        ],
        "passwd": ["sealring passwd", "sealring passwd --code-file /media/usb/sealring-code"],
        "recover": ["sealring recover", "sealring recover --code-file /media/usb/sealring-code"],
        "recovery-code": ["sealring recovery-code new", "sealring recovery-code remove"],
        "recovery-code new": [
            "sealring recovery-code new",
            "sealring recovery-code new --recovery-code-file /media/usb/sealring-code",
        ],
        "recovery-code remove": [
            "sealring recovery-code remove", "sealring recovery-code remove --passphrase-file passphrase",
        ],
        "remove": ["sealring remove old-ci", "sealring remove --yes old-ci older-ci"],
        "rename": ["sealring rename prod production", "sealring rename admin prod/admin"],
        "role": [
            "sealring role add admin --role-arn arn:aws:iam::123456789012:role/Admin --source prod",
            "sealring role list",
        ],
        "role add": [
            "sealring role add admin --role-arn arn:aws:iam::123456789012:role/Admin --source prod",
            "sealring role add audit --role-arn arn:aws:iam::210987654321:role/Audit --source prod --external-id 42",
        ],
        "role list": ["sealring role list", "sealring role list --json"],
        "rotate": ["sealring rotate prod", "sealring rotate --all --older-than 90d"],
        "session": ["sealring session admin", "sealring session admin --mfa-token 123456"],
        "set": [
            "sealring set prod --region eu-central-1 --note 'CI of the shop'",
            "sealring set prod --serve session --expose-for 1h",
        ],
        "show": ["sealring show prod", "sealring show prod --json"],
        "status": ["sealring status", "sealring status --verbose"],
        "unlock": ["sealring unlock", "sealring unlock --for 2h --idle 15m"],
        "verify": ["sealring verify prod", "sealring verify admin --json"],
        "version": ["sealring version", "sealring version --json"],
    ]
}
