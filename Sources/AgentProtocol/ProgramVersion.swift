/// The version of all programs, which are built and installed together.
package enum ProgramVersion {
    package static var text: StaticString { "0.1.0" }

    /// How this program was compiled.
    package static var build: StaticString {
        #if hasFeature(Embedded)
            "embedded"
        #else
            "ordinary"
        #endif
    }
}
