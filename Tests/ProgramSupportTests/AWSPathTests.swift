import Testing

@testable import ProgramSupport

@Suite("The paths of the files of AWS clients")
struct AWSPathTests {
    private let environment = ["HOME": "/home/me/", "A": "a/b", "EMPTY": "", "TWICE": "$A", "é": "e"]

    /// The results are those of Python's `os.path.expanduser(os.path.expandvars(path))`.
    @Test(
        "variables and home directories are expanded as Python expands them",
        arguments: [
            ("/x/$A/y", "/x/a/b/y"), ("/x/${A}y", "/x/a/by"), ("/x/$Ay", "/x/$Ay"), ("$EMPTY/x", "/x"),
            ("$TWICE", "$A"), ("${NONE}/$A", "${NONE}/a/b"), ("$", "$"), ("$$A", "$a/b"), ("${A", "${A"),
            ("${}", "${}"), ("$é", "$é"), ("${é}", "e"), ("a$", "a$"), ("$A$A", "a/ba/b"), ("~", "/home/me"),
            ("~/x", "/home/me/x"), ("$HOME/x", "/home/me//x"), ("x/~", "x/~"), ("~other/x", "/srv/other/x"),
            ("~nobody-here/x", "~nobody-here/x"), ("~root", "/"), ("relative/file", "relative/file"),
            ("", ""), ("${A}${A}", "a/ba/b"), ("${${A}}", "${${A}}"),
        ])
    func expands(path: String, expected: String) throws {
        let found = try AWSPath.expanded(path, environment: { environment[$0] }) { user in
            ["other": "/srv/other", "root": "/"][user]
        }
        #expect(found == expected)
    }

    @Test("without HOME the home directory is that of the user")
    func withoutHome() throws {
        let found = try AWSPath.expanded("~/x", environment: { _ in nil }) {
            $0.isEmpty ? "/home/by-id" : nil
        }
        #expect(found == "/home/by-id/x")
    }

    @Test("users are looked up by name and by number")
    func lookUp() throws {
        #expect(try AWSPath.home(of: "root", id: 4_000_000_000) == "/root")
        #expect(try AWSPath.home(of: "", id: 0) == "/root")
        #expect(try AWSPath.home(of: "no such user", id: 0) == nil)
    }
}
