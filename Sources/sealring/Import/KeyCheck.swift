enum KeyCheck {
    static func check(_ id: String, hasSessionToken: Bool) throws -> (accountID: String?, warning: String?) {
        (nil, nil)
    }
}
enum ProfileIndex {
    struct Profiles { subscript(_ name: String) -> [String] { [] } }
    static func read() -> Profiles { Profiles() }
}
