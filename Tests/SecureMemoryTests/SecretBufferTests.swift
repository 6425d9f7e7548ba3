import SecureMemory
import TestSupport
import Testing

struct SecretBufferTests {
    @Test(
        "bytes come back in the order they were appended, however often it grew",
        arguments: [1, 7, 100, 5000])
    func growth(piece: Int) throws {
        var buffer = try SecretBuffer(capacity: 16, limit: 100_000)
        var expected: [UInt8] = []
        for round in 0..<20 {
            let bytes = (0..<piece).map { UInt8(truncatingIfNeeded: $0 &+ round) }
            #expect(try append(bytes, to: &buffer))
            expected += bytes
        }
        #expect(buffer.count == expected.count)
        #expect(unsafe buffer.withUnsafeBytes { unsafe $0.elementsEqual(expected) })
        let finished = try buffer.finish()
        #expect(finished.count == expected.count)
        #expect(finished.exposed == expected)
    }

    @Test("what would pass the limit is not taken, and what is there stays")
    func limit() throws {
        var buffer = try SecretBuffer(capacity: 4, limit: 10)
        #expect(try append([1, 2, 3, 4, 5, 6, 7, 8], to: &buffer))
        #expect(try !append([9, 10, 11], to: &buffer))
        #expect(buffer.count == 8)
        #expect(try append([9, 10], to: &buffer))
        let finished = try buffer.finish()
        #expect(finished.exposed == Array(1...10))
    }

    @Test("no room is made beyond the limit", arguments: [(8, 8), (3, 3), (0, 0)])
    func fillRoom(limit: Int, expected: Int) throws {
        var buffer = try SecretBuffer(capacity: 100, limit: limit)
        var offered = -1
        let filled = try unsafe buffer.fill(room: 1000) { target in
            offered = target.count
            return target.count
        }
        #expect(offered == expected && filled == expected && buffer.count == expected)
    }

    @Test("a part that was filled counts as far as it was filled")
    func fillPartly() throws {
        var buffer = try SecretBuffer(capacity: 1, limit: 100)
        _ = try unsafe buffer.fill(room: 50) { target in
            unsafe target.copyBytes(from: [1, 2, 3])
            return 3
        }
        #expect(try append([4], to: &buffer))
        let finished = try buffer.finish()
        #expect(finished.exposed == [1, 2, 3, 4])
    }

    @Test("a failed fill appends nothing")
    func failedFill() throws {
        struct Refused: Error {}
        var buffer = try SecretBuffer(capacity: 1, limit: 100)
        #expect(throws: Refused.self) { try unsafe buffer.fill(room: 50) { _ in throw Refused() } }
        #expect(buffer.count == 0)
    }

    @Test("a number is written over bytes that are there, least significant byte first")
    func overwrite() throws {
        var buffer = try SecretBuffer(capacity: 8, limit: 8)
        #expect(try append([9, 0, 0, 0, 0, 9], to: &buffer))
        buffer.overwrite(at: 1, littleEndian: 0x0403_0201)
        let finished = try buffer.finish()
        #expect(finished.exposed == [9, 1, 2, 3, 4, 9])
    }

    @Test("starting anew wipes what was there")
    func truncate() throws {
        var buffer = try SecretBuffer(capacity: 8, limit: 8)
        #expect(try append([1, 2, 3], to: &buffer))
        buffer.truncate(to: 0)
        #expect(buffer.count == 0)
        _ = try unsafe buffer.fill(room: 3) { _ in 3 }
        let finished = try buffer.finish()
        #expect(finished.exposed == [0, 0, 0])
    }

    private func append(_ bytes: [UInt8], to buffer: inout SecretBuffer) throws -> Bool {
        try unsafe bytes.span.bytes.withUnsafeBytes { try unsafe buffer.append($0) }
    }
}
