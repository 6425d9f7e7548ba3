import DurableFiles
import Platform
import SecureMemory
import VaultCrypto

/// Builds the next state of a vault file, writes it, and reads it back before it is published.
enum VaultStore {
    static let lockSeconds = 10.0

    static func now() -> Int64 { UnixTime.now() }

    /// What becomes of the file of before a save.
    enum Previous {
        /// It stays under its second name, for a person who wants it back.
        case kept
        /// It goes, and so does the one before it: they would keep what is being revoked or removed.
        case removed
    }

    /// Saves `contents`; afterwards they lie in the image that was read back.
    ///
    /// - Returns: the header of the new file, and what kept this machine from remembering it.
    static func save(
        _ contents: inout VaultContents, header: VaultHeader, previousMAC: [UInt8]?,
        keys: borrowing VaultKeys, location: VaultLocation, in directory: borrowing Directory,
        previous: Previous
    ) throws -> (header: VaultHeader, unremembered: FileError?) {
        let before = (contents.snapshot, contents.ancestors)
        do {
            let next = try next(&contents, header: header, previousMAC: previousMAC, keys: keys)
            var image: SecretBytes? = next.image
            var saved: VaultContents?
            let header = next.header
            try replacement(location, previous).write(in: directory) { file in
                try file.write(image)
            } verify: { file in
                // The buffer that was written takes what was read back, and then holds the new contents.
                guard var buffer = image.take() else { return }
                try read(file, into: &buffer, expecting: header)
                saved = try SealedVault.decrypt(buffer, header: header, keys: keys)
            }
            if let saved = saved.take() { contents = saved }
            return (header, remember(keys.memory(of: header), of: header.vaultID, location))
        } catch {
            contents.restore(before.0)
            contents.setAncestors(before.1)
            throw error
        }
    }

    /// Remembers what was just written: whatever stood in the memory's place, since it was accepted.
    ///
    /// - Returns: what keeps it from being remembered; the vault is saved all the same.
    static func remember(
        _ memory: FreshnessStore.Memory, of vaultID: [UInt8], _ location: VaultLocation
    ) -> FileError? {
        let store = FreshnessStore(stateDirectory: location.stateDirectory, vaultID: vaultID)
        do throws(FileError) { try store.write(memory) } catch { return error }
        return nil
    }

    /// Seals the state that follows `header`, with what a save adds to the contents.
    static func next(
        _ contents: inout VaultContents, header: VaultHeader, previousMAC: [UInt8]?,
        keys: borrowing VaultKeys
    ) throws -> SealedImage {
        contents.expireTombstones(now: now())
        if let previousMAC { contents.setAncestors([previousMAC] + contents.ancestors) }
        return try seal(contents, header: header, keys: keys)
    }

    static func replacement(_ location: VaultLocation, _ previous: Previous) -> Replacement {
        switch previous {
        case .kept: Replacement(name: location.name, previous: .kept(location.previousName))
        case .removed: Replacement(name: location.name, previous: .removed(location.previousName))
        }
    }

    /// Reads what was written back from the disk, and compares it with what it should be.
    static func read(
        _ file: borrowing FileHandle, into buffer: inout SecretBytes, expecting header: VaultHeader
    ) throws {
        let size = buffer.count
        let got = try file.read(into: buffer.mutableBytes)
        guard got == size, try file.status().size == size,
            buffer.bytes.extracting(first: VaultFormat.headerCount).isSame(as: header.bytes.rawSpan)
        else {
            throw ContentError.damaged("the disk did not return what was written")
        }
        try SealedVault.checkDigest(of: buffer)
    }

    struct SealedImage: ~Copyable {
        let header: VaultHeader
        let image: SecretBytes

        /// The bytes of the file, once they were opened again.
        consuming func check(_ keys: borrowing VaultKeys) throws -> [UInt8] {
            let bytes = [UInt8](image.bytes)
            let header = self.header
            _ = try SealedVault.decrypt(image, header: header, keys: keys)
            return bytes
        }
    }

    private static func seal(
        _ contents: borrowing VaultContents, header: VaultHeader, keys: borrowing VaultKeys
    ) throws -> SealedImage {
        guard let bodyCount = VaultFormat.bodyCount(forContent: contents.encodedCount) else {
            throw ContentError(reason: .full)
        }
        var header = header
        try header.countSave()
        header.bodyCount = bodyCount
        header.bodyNonce = Sodium.randomPublicBytes(SecretBox.nonceCount)
        header.setMAC(keys.mac(of: header))
        let bodyKey = try keys.bodyKey(for: header)
        let body = VaultFormat.headerCount..<(VaultFormat.headerCount + bodyCount)
        var image = try SecretBytes(count: body.upperBound + VaultFormat.digestCount)
        image.overwrite(at: 0, with: header.bytes.rawSpan)
        contents.encode(
            into: image.mutableBytes.part((body.lowerBound + SecretBox.tagCount)..<body.upperBound))
        SecretBox.seal(image.mutableBytes.part(body), nonce: header.bodyNonce.rawSpan, key: bodyKey)
        let digest = KeyedHash.digest(image.bytes.extracting(first: body.upperBound))
        image.overwrite(at: body.upperBound, with: digest.rawSpan)
        return SealedImage(header: header, image: image)
    }
}
