import AWSConfigGrammar
import DurableFiles
package import SecureMemory

extension ConfigDocument {
    /// A copy for one program, which is to get its credentials from one profile: no plaintext key is left in it, and the
    /// profile gets its credentials from the given setting. Its other settings stay.
    ///
    /// - Parameters:
    ///   - header: the header of the profile where it has none, without a line end.
    ///   - setting: without a line end.
    /// - Throws: when botocore refuses the file, so that the copy would not work either.
    package func privateCopy(
        of profile: String, header: String, setting: String
    ) throws(AWSConfigError) -> SecretBytes {
        try requireReadable()
        var splices: [Splice] = []
        var isSet = false
        for section in sections {
            let isProfile = section.profile.map { same($0, profile) } ?? false
            if isProfile, isSet {
                splices.append(Splice(range: bytes(of: section.lines), text: ""))
                continue
            }
            if isProfile {
                isSet = true
                let line = lines[section.lines.lowerBound]
                let text = line.terminator.isEmpty ? "\n\(setting)" : "\(setting)\n"
                splices.append(Splice(range: line.range.upperBound..<line.range.upperBound, text: text))
            }
            let inherits = isProfile || section.isDefaults
            for setting in settings[section.settings] where isLeftOut(setting, leadsElsewhere: inherits) {
                splices.append(Splice(range: bytes(of: setting.lines), text: ""))
            }
        }
        if !isSet { splices.insert(Splice(range: 0..<0, text: "\(header)\n\(setting)\n"), at: 0) }
        let edit = try ConfigEdit(self, splices)
        do throws(SecureMemoryError) {
            return try edit.document.bytes.copy(0..<edit.document.count)
        } catch { throw .file(.memory(error)) }
    }

    /// - Parameter inherits: whether the profile has the setting, its own or one that all profiles inherit: it must not
    ///   lead elsewhere.
    private func isLeftOut(_ setting: ConfigSetting, leadsElsewhere inherits: Bool) -> Bool {
        guard let name = setting.name else { return false }
        return name.isStaticKey || inherits && (name.isOtherSource || name == .credentialProcess)
    }

    private func bytes(of range: Range<Int>) -> Range<Int> {
        guard let last = range.last else { return 0..<0 }
        return lines[range.lowerBound].range.lowerBound..<lines[last].range.upperBound
    }
}
