// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "OpenVault",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "sealring", path: "../../..")],
    targets: [
        .executableTarget(
            name: "OpenVault", dependencies: [.product(name: "CredentialVault", package: "sealring")],
            swiftSettings: [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error), .strictMemorySafety()])
    ]
)
