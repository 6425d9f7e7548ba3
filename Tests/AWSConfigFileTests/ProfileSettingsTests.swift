import AWSConfigGrammar
import Testing

@testable import AWSConfigFile

@Suite("What may be written into a profile")
struct ProfileSettingsTests {
    @Test(
        "a helper's path that some client would split, expand or not find again is refused",
        arguments: [
            "sealring-credential-process", "~/sealring-credential-process", "./sealring-x", "",
            "/a b/sealring-x", "/a\"/sealring-x", "/a'/sealring-x", "/a\\b/sealring-x", "/a$b/sealring-x",
            "/a#b/sealring-x", "/a;b/sealring-x", "/a%b/sealring-x", "/a~/sealring-x", "/a\t/sealring-x",
            "/ä/sealring-x", "/a&b/sealring-x", "/a*/sealring-x", "/a\u{7f}/sealring-x", "/usr/bin/other",
            "/" + String(repeating: "a", count: 1024) + "/sealring-x",
        ])
    func refusedPaths(path: String) throws {
        let error = try #require(failure { _ = try HelperCommand(path: path, name: "prod") })
        guard case .invalidHelperPath(path, _) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(error.hint?.contains("link") ?? false)
        #expect(!error.description.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F })
    }

    @Test(
        "an entry's name begins with a letter",
        arguments: ["970b00", "", "-x", "a b", "a;b", "é", "a=b", "a,b"])
    func refusedNames(name: String) {
        #expect(failure { _ = try HelperCommand(path: helper, name: name) } == .invalidEntryName(name))
    }

    @Test("a clean path and name make the command")
    func command() throws {
        #expect(try HelperCommand(path: helper, name: "a.b_c@d+e/f-1").text == "\(helper) a.b_c@d+e/f-1")
    }

    @Test(
        "a profile's name that no header can hold safely is refused",
        arguments: [
            "", " a", "a ", "a]b", "a[b", "a\nb", "a\u{1b}b", "a\"b", "a'b", "a\\b",
            String(repeating: "a", count: 129),
        ])
    func refusedProfiles(name: String) {
        let error = failure { _ = try ProfileName(name) }
        guard case .invalidProfileName(name, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(
        "a name that not every client reads gets no header of its own",
        arguments: ["a b", "é", "a#b", "a$b", "a=b"])
    func exoticProfiles(name: String) throws {
        let empty = try document("")
        let error = failure { _ = try configured(empty, settings(), profile: name) }
        guard case .invalidProfileName(name, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(
        "characters of a profile's name that some clients do not read are named",
        arguments: [
            ("prod", ""), ("a-b_c9", ""), ("a.b.c", "."), ("x/y@z:1+2%3", "/@:+%"), ("a b", ""),
        ])
    func unreadCharacters(name: String, characters: String) throws {
        #expect(try String(ProfileName(name).unreadCharacters) == characters)
    }

    @Test("a profile with an exotic name that is there already can be configured")
    func existingExoticProfile() throws {
        let old = try document("[profile \"a b\"]\nregion = x\n")
        let result = try #require(try configured(old, settings(), profile: "a b"))
        #expect(
            String(decoding: result.bytes, as: UTF8.self).hasPrefix(
                "[profile \"a b\"]\nregion = x\ncredential_process"))
    }

    @Test(
        "a region has letters, digits and hyphens",
        arguments: ["", "EU-WEST-1", "eu west", "x\n", String(repeating: "a", count: 64), "us-east-1a"])
    func refusedRegions(region: String) {
        guard case .invalidRegion(region, let reason) = failure({ _ = try settings(region: region) }) else {
            Issue.record("'\(region)' was taken")
            return
        }
        #expect(!reason.isEmpty)
    }

    @Test("an output is one of the AWS CLI's formats", arguments: ["", "JSON", "xml"])
    func refusedOutputs(output: String) {
        #expect(failure { _ = try settings(output: output) } == .invalidOutput(output))
    }

    @Test("every error says what and how to cure it")
    func messages() {
        let errors: [AWSConfigError] = [
            .danglingLink(path: "a\n", target: "b"), .managedElsewhere(path: "a\n", target: "b"),
            .managedElsewhere(path: "a", target: "a"), .tooManyLinks(path: "a"), .tooLarge(limit: 1 << 20),
            .tooManyLines(limit: 1), .changedMeanwhile(path: "a"), .readBackDiffers(path: "a"),
            .invalidProfileName("\u{1b}[m", reason: "r"), .staticKeys(profile: "a", line: 7),
            .noRole(profile: "a"),
            .otherSource(profile: "a", setting: "role_arn", line: 7), .foreignProcess(profile: "a", line: 7),
            .sectionTwice(profile: "a", first: 7, second: 8), .sectionNotRead(profile: "a", line: 7),
            .settingTwice(name: "region", first: 7, second: 8), .settingOverLines(name: "region", line: 7),
            .valueNotText(name: "region", line: 7),
        ]
        for error in errors {
            #expect(!error.description.isEmpty && error.hint?.isEmpty == false)
            #expect(error.description.unicodeScalars.allSatisfy { $0.value >= 0x20 })
            #expect(!error.description.hasSuffix("."))
        }
    }
}
