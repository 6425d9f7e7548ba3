extension Entry {
    private typealias Tag = RecordFormat.Tag

    /// The entry in a record of an access key that was read before.
    init(_ record: Record, in bytes: UnsafeRawBufferPointer) {
        func text(_ tag: UInt16) -> String? {
            unsafe RecordReader.find(tag, of: record, in: bytes).map {
                unsafe String(decoding: UnsafeRawBufferPointer(rebasing: bytes[$0]), as: UTF8.self)
            }
        }
        func time(_ tag: UInt16) -> Int64? {
            unsafe RecordReader.find(tag, of: record, in: bytes).map {
                unsafe bytes.littleEndian(at: $0.lowerBound)
            }
        }
        self.init(name: record.name ?? "", accessKeyID: text(Tag.accessKeyID) ?? "")
        hasSessionToken = unsafe RecordReader.find(Tag.sessionToken, of: record, in: bytes) != nil
        expiration = time(Tag.expiration)
        accountID = text(Tag.accountID)
        userName = text(Tag.userName)
        sealedAt = time(Tag.sealedAt) ?? 0
        createdAt = time(Tag.createdAt)
        changedAt = time(Tag.changedAt) ?? 0
        source = text(Tag.source)
        region = text(Tag.region)
        note = text(Tag.note)
        exposeFor = unsafe RecordReader.find(Tag.exposeFor, of: record, in: bytes).map {
            unsafe bytes.littleEndian(at: $0.lowerBound)
        }
    }
}
