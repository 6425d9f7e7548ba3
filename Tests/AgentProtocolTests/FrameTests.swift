import AgentProtocol
import SecureMemory
import Testing

struct FrameTests {
    private func frame(_ kind: UInt8, _ fields: [[UInt8]]) throws -> [UInt8] {
        var buffer = try SecretBuffer(capacity: 100, limit: AgentMessage.frameLimit + 4)
        let start = try buffer.beginFrame(kind)
        for field in fields { try buffer.appendField(field) }
        try buffer.endFrame(start)
        return [UInt8](buffer.bytes)
    }

    private func read(_ bytes: [UInt8]) -> [[UInt8]]? {
        guard var reader = FrameReader(bytes.rawSpan) else { return nil }
        var fields: [[UInt8]] = []
        while let field = reader.next() { fields.append([UInt8](field)) }
        return reader.isAtEnd ? fields : nil
    }

    @Test("a frame is written as the messages' document says")
    func layout() throws {
        #expect(try frame(4, [[7, 8], []]) == [12, 0, 0, 0, 1, 4, 2, 0, 0, 0, 7, 8, 0, 0, 0, 0])
    }

    @Test(
        "what is written is read",
        arguments: [[], [[]], [[1]], [[], [], []], [[UInt8](repeating: 1, count: 60_000), [2]]] as [[[UInt8]]]
    )
    func roundTrip(fields: [[UInt8]]) throws { #expect(try read(frame(9, fields)) == fields) }

    @Test("a frame that is cut, longer, or of another version is none")
    func wrong() throws {
        let whole = try frame(4, [[1, 2, 3]])
        for count in 0..<whole.count { #expect(read(Array(whole[..<count])) == nil) }
        #expect(read(whole + [0]) == nil)
        for version in [0, 2, 255] as [UInt8] {
            var other = whole
            other[4] = version
            #expect(read(other) == nil)
        }
        var longer = whole
        longer[6] = 4
        #expect(read(longer) == nil, "a field that goes beyond the frame")
    }

    @Test(
        "the head tells the size, or that there is none",
        arguments: [
            ([], .incomplete), ([2, 0, 0], .incomplete), ([2, 0, 0, 0], .size(6)),
            ([1, 0, 0, 0], .malformed),
            ([0, 0, 1, 0], .size(65_540)), ([1, 0, 1, 0], .malformed), ([255, 255, 255, 255], .malformed),
            ([2, 0, 0, 0, 2], .malformed), ([2, 0, 0, 0, 1], .size(6)),
        ] as [([UInt8], FrameHead)])
    func head(bytes: [UInt8], head: FrameHead) {
        let found = FrameHead(bytes.rawSpan)
        #expect(found == head)
    }

    @Test("a frame that would pass its limit is refused")
    func tooLong() throws {
        #expect(throws: AgentError.tooLong) {
            _ = try frame(1, [[UInt8](repeating: 0, count: AgentMessage.frameLimit)])
        }
    }

    @Test("a number has exactly its width, and text is UTF-8 of at most its limit")
    func values() throws {
        let bytes = try frame(1, [[1, 2, 3, 4], [1, 2, 3], Array("ä".utf8), [0xFF]])
        guard var reader = FrameReader(bytes.rawSpan) else {
            Issue.record("it is a frame")
            return
        }
        let numbers = [reader.next(UInt32.self), reader.next(UInt32.self)]
        #expect(numbers == [0x0403_0201, nil])
        let texts = [reader.nextText(limit: 2), reader.nextText(limit: 2)]
        #expect(texts == ["ä", nil])
    }
}
