package import SecureMemory

/// Secret memory that holds these made-up bytes.
package func secret(_ bytes: [UInt8]) throws(SecureMemoryError) -> SecretBytes {
    try SecretBytes(copying: bytes.rawSpan)
}

/// Secret memory that holds this made-up text.
package func secret(_ text: String) throws(SecureMemoryError) -> SecretBytes {
    try secret(Array(text.utf8))
}

extension SecretBytes {
    /// A copy outside of secret memory, for a comparison.
    package var exposed: [UInt8] { [UInt8](bytes) }

    /// A copy as text outside of secret memory, for a comparison.
    package var exposedText: String { String(decoding: exposed, as: UTF8.self) }
}
