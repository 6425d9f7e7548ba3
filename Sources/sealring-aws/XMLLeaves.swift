import AgentProtocol
import CLibXML2
import SecureMemory

/// Why an answer is not one of AWS's.
enum XMLFault: Error, Equatable {
    case notXML
    case documentType
    case tooDeep
    case tooMany
    case tooLarge
    case memory

    var text: String {
        switch self {
        case .notXML: "it is no XML"
        case .documentType: "it declares a document type or an entity"
        case .tooDeep: "its elements are nested too deep"
        case .tooMany: "it has too many elements"
        case .tooLarge: ""
        case .memory: "no memory"
        }
    }
}

/// The elements of an answer that hold no others: their paths and texts, as pairs of fields.
struct XMLLeaves: ~Copyable {
    static let leafLimit = 1000
    static let depthLimit = 16
    static let pathLimit = 512

    private var pairs: SecretBuffer
    private var count = 0
    private var path: [UInt8] = []
    /// Where in the path each open element's name begins, and whether it has held an element.
    private var open: [(start: Int, hasChild: Bool)] = []
    private var text: SecretBuffer
    private(set) var errorCode = ""

    private init() throws(XMLFault) {
        do {
            let pairs = try SecretBuffer(capacity: 8 << 10, limit: AgentMessage.frameLimit)
            let text = try SecretBuffer(capacity: 4 << 10, limit: AgentMessage.frameLimit)
            self.pairs = pairs
            self.text = text
        } catch { throw .memory }
    }

    static func read(_ bytes: RawSpan) throws(XMLFault) -> XMLLeaves {
        try unsafe bytes.withUnsafeBytes { (bytes) throws(XMLFault) in try unsafe read(bytes) }
    }

    private static func read(_ bytes: UnsafeRawBufferPointer) throws(XMLFault) -> XMLLeaves {
        var leaves = try XMLLeaves()
        // No entity beyond the five of XML, no network, nothing of a document type.
        let options = Int32(
            XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue
                | XML_PARSE_NOCDATA.rawValue)
        let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
        guard bytes.count > 0,
            let reader = unsafe xmlReaderForMemory(start, Int32(bytes.count), nil, "UTF-8", options)
        else { throw .notXML }
        defer { unsafe xmlFreeTextReader(reader) }
        while true {
            let state = unsafe xmlTextReaderRead(reader)
            if state == 0 { break }
            guard state == 1 else { throw .notXML }
            try unsafe leaves.take(reader)
        }
        guard leaves.open.isEmpty, leaves.hasRoot else { throw .notXML }
        return leaves
    }

    consuming func takePairs() -> SecretBuffer { pairs }

    private var hasRoot = false

    private mutating func take(_ reader: xmlTextReaderPtr) throws(XMLFault) {
        let type = unsafe xmlTextReaderNodeType(reader)
        switch UInt32(bitPattern: type) {
        case XML_READER_TYPE_ELEMENT.rawValue:
            hasRoot = true
            try unsafe begin(reader)
            if unsafe xmlTextReaderIsEmptyElement(reader) == 1 { try end() }
        case XML_READER_TYPE_END_ELEMENT.rawValue: try end()
        case XML_READER_TYPE_TEXT.rawValue, XML_READER_TYPE_CDATA.rawValue,
            XML_READER_TYPE_SIGNIFICANT_WHITESPACE.rawValue, XML_READER_TYPE_WHITESPACE.rawValue:
            try unsafe append(xmlTextReaderConstValue(reader))
        case XML_READER_TYPE_DOCUMENT_TYPE.rawValue, XML_READER_TYPE_ENTITY_REFERENCE.rawValue,
            XML_READER_TYPE_ENTITY.rawValue:
            throw .documentType
        default: break
        }
    }

    private mutating func begin(_ reader: xmlTextReaderPtr) throws(XMLFault) {
        guard open.count < Self.depthLimit else { throw .tooDeep }
        if let last = open.indices.last { open[last].hasChild = true }
        open.append((path.count, false))
        if !path.isEmpty { path.append(UInt8(ascii: "/")) }
        var name = unsafe xmlTextReaderConstLocalName(reader)
        while let place = unsafe name, unsafe place.pointee != 0 {
            guard path.count < Self.pathLimit else { throw .tooDeep }
            path.append(unsafe place.pointee)
            unsafe name = place + 1
        }
        text.truncate(to: 0)
    }

    private mutating func end() throws(XMLFault) {
        guard let element = open.popLast() else { throw .notXML }
        if !element.hasChild {
            count += 1
            guard count <= Self.leafLimit else { throw .tooMany }
            do {
                try pairs.appendField(path)
                try pairs.appendField(text)
            } catch { throw .tooLarge }
            if String(decoding: path, as: UTF8.self).hasSuffix("Error/Code") {
                errorCode = String(decoding: [UInt8](text.bytes).prefix(128), as: UTF8.self)
            }
        }
        path.removeLast(path.count - element.start)
        text.truncate(to: 0)
    }

    private mutating func append(_ value: UnsafePointer<xmlChar>?) throws(XMLFault) {
        guard let value = unsafe value else { return }
        let length = unsafe xmlStrlen(value)
        do {
            guard
                try unsafe text.append(UnsafeRawBufferPointer(start: value, count: Int(length)))
            else { throw XMLFault.tooLarge }
        } catch { throw .tooLarge }
    }
}
