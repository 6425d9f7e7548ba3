/// The version of all programs, which are built and installed together.
package enum ProgramVersion {
    package static var text: StaticString { "0.1.0" }
}
