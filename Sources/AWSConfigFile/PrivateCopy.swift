import AWSConfigGrammar
import DurableFiles
package import SecureMemory

extension ConfigDocument {
    /// A copy for one program, which is to get its credentials from one profile: no plaintext key is left in it, and the
    /// profile is the given lines.
    ///
    /// - Parameter block: the header and the settings, each with a line end.
    /// - Throws: when botocore refuses the file, so that the copy would not work either.
    package func privateCopy(of profile: String, as block: String) throws(AWSConfigError) -> SecretBytes {
        try requireReadable()
        var splices = [Splice(range: 0..<0, text: block)]
        for section in sections {
            if section.profile.map({ same($0, profile) }) ?? false {
                splices.append(Splice(range: bytes(of: section.lines), text: ""))
                continue
            }
            for setting in settings[section.settings] where isLeftOut(setting, of: section) {
                splices.append(Splice(range: bytes(of: setting.lines), text: ""))
            }
        }
        let edit = try ConfigEdit(self, splices)
        do throws(SecureMemoryError) {
            return try edit.document.bytes.copy(0..<edit.document.count)
        } catch { throw .file(.memory(error)) }
    }

    /// What every profile inherits must not lead ours elsewhere, either.
    private func isLeftOut(_ setting: ConfigSetting, of section: ConfigSection) -> Bool {
        guard let name = setting.name else { return false }
        return name.isStaticKey || section.isDefaults && (name.isOtherSource || name == .credentialProcess)
    }

    private func bytes(of range: Range<Int>) -> Range<Int> {
        guard let last = range.last else { return 0..<0 }
        return lines[range.lowerBound].range.lowerBound..<lines[last].range.upperBound
    }
}
