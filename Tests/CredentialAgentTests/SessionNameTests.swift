import AWSValues
import Testing

@testable import CredentialAgent

struct SessionNameTests {
    @Test(
        "a session is named after the user and the machine, as far as AWS takes their names",
        arguments: [
            (["alice", "bob"], "laptop", "sealring-alice@laptop"),
            (["", "bob"], "laptop", "sealring-bob@laptop"), (["é", "bob"], "", "sealring-bob"),
            (["é"], "ü", "sealring-uid1000"), ([], "my host", "sealring-uid1000@myhost"),
            ([String(repeating: "u", count: 99)], "host", "sealring-" + String(repeating: "u", count: 55)),
        ])
    func names(users: [String], machine: String, expected: String) {
        let name = SessionName.name(users: users, number: 1000, machine: machine)
        #expect(name == expected)
        #expect(STSWord.sessionName.isValid(name))
    }

    @Test("this user's sessions have a name that AWS takes")
    func own() { #expect(STSWord.sessionName.isValid(SessionName.ofThisUser())) }
}
