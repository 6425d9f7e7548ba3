import AWSConfigFile
import AWSConfigGrammar
import CredentialImport
import Platform
import SecureMemory
import Testing

/// Reads the files that `Tests/EndToEnd/test_aws_files_as_botocore.py` makes, all in one process, and writes
/// what was found, which is compared there with what botocore found.
@Suite struct DifferentialReader {
    private static let input = unsafe getenv("SEALRING_AWS_FILES").map { unsafe String(cString: $0) }
    private static let output = unsafe getenv("SEALRING_AWS_FILES_READ").map { unsafe String(cString: $0) }

    @Test("files for the comparison with botocore are read", .enabled(if: input != nil && output != nil))
    func readAll() throws {
        let bytes = try file(#require(Self.input))
        let output = try #require(Self.output)
        let target = try unsafe #require(unsafe fopen(output, "w"))
        defer { unsafe fclose(target) }
        var position = 0
        func number() -> Int {
            defer { position += 4 }
            return (0..<4).reduce(0) { $0 | Int(bytes[position + $1]) << (8 * $1) }
        }
        while position < bytes.count {
            let (kind, count) = (number(), number())
            let content = Array(bytes[position..<(position + count)])
            position += count
            var lines: [String] = []
            if kind == 3 {
                let end = 4 + (0..<4).reduce(0) { $0 | Int(content[$1]) << (8 * $1) }
                readRoles(Array(content[4..<end]), Array(content[end...]), &lines)
            } else {
                read(content, kind, &lines)
            }
            let text = lines.joined(separator: "\n") + "\n.\n"
            try #require(unsafe fputs(text, target) >= 0)
        }
    }

    private func read(_ content: [UInt8], _ kind: Int, _ lines: inout [String]) {
        let name = [0: "credentials", 1: "config"][kind]
        do throws(ImportError) {
            let document = try ImportDocument.parse(copy(content), fileName: name, now: 0)
            lines.append("T \(document.settingsKind.map { $0 == .config ? "config" : "credentials" } ?? "-")")
            for key in document.keys {
                lines.append(
                    [
                        "K", "\(key.line)", hex(key.profile ?? ""), hex(key.accessKeyID),
                        hex(document.text(key.secretAccessKey) ?? ""),
                        hex(document.text(key.sessionToken) ?? ""),
                    ].joined(separator: " "))
            }
            for problem in document.problems {
                lines.append("P \(problem.line) \(hex(problem.profile ?? "")) \(hex(problem.reason))")
            }
            for note in document.notes { lines.append("N \(hex(note))") }
            if let kind = document.settingsKind { try readDocument(content, kind, &lines) }
        } catch {
            lines.append("R \(hex(error.description))")
        }
    }

    /// What `configure` and the takeover of roles see in the same file.
    private func readDocument(
        _ content: [UInt8], _ kind: ConfigKind, _ lines: inout [String]
    ) throws(ImportError) {
        guard let document = try? ConfigDocument(copy(content), kind: kind) else {
            return lines.append("D !")
        }
        for profile in document.profileNames {
            var line = "D \(hex(profile))"
            do throws(AWSConfigError) {
                if let keys = try document.staticKeys(of: profile) {
                    for range in [keys.accessKeyID, keys.secretAccessKey, keys.sessionToken] {
                        line += " \(range.map { hex(content[$0]) } ?? "-")"
                    }
                } else {
                    line += " none"
                }
            } catch {
                line += " !"
            }
            lines.append(line)
            guard kind == .config else { continue }
            do throws(AWSConfigError) {
                guard let role = try document.roleProfile(of: profile) else { continue }
                let texts = [role.roleARN, role.sourceProfile, role.mfaSerial ?? ""]
                lines.append("O \(hex(profile)) " + texts.map { hex($0) }.joined(separator: " "))
            } catch {}
        }
    }

    /// The roles that both files together give; a profile that is refused has the tag `X`.
    private func readRoles(_ config: [UInt8], _ credentials: [UInt8], _ lines: inout [String]) {
        guard let config = try? ConfigDocument(copy(config), kind: .config),
            let credentials = try? ConfigDocument(copy(credentials), kind: .credentials)
        else { return lines.append("D !") }
        for profile in Set((config.profileNames + credentials.profileNames).map(ExactText.init)) {
            let name = hex(profile.text)
            do throws(RoleFault) {
                guard let role = try RoleProfile.read(profile.text, in: config, credentials) else { continue }
                let texts = [
                    role.roleARN, role.sourceProfile, role.mfaSerial, role.externalID, role.durationSeconds,
                    role.sessionName, role.region,
                ]
                lines.append("O \(name) " + texts.map { hex($0 ?? "") }.joined(separator: " "))
            } catch {
                lines.append("X \(name) \(hex(error.error.description))")
            }
        }
    }

    private func copy(_ content: [UInt8]) throws(ImportError) -> SecretBytes {
        do throws(SecureMemoryError) {
            var secret = try SecretBytes(count: content.count)
            unsafe secret.withUnsafeMutableBytes { unsafe $0.copyBytes(from: content) }
            return secret
        } catch {
            throw .memory(error)
        }
    }

    private func hex(_ text: String) -> String { hex(Array(text.utf8)[...]) }

    private func hex(_ bytes: ArraySlice<UInt8>) -> String {
        guard !bytes.isEmpty else { return "-" }
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private func file(_ path: String) throws -> [UInt8] {
        let stream = try unsafe #require(unsafe fopen(path, "r"))
        defer { unsafe fclose(stream) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = unsafe fread(&piece, 1, piece.count, stream)
            if count == 0 { return bytes }
            bytes += piece[..<count]
        }
    }
}
