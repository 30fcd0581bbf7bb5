// swift-tools-version: 6.2
import PackageDescription

/// What every target is built with, and why.
let common: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),  // `any` shows where a call is dispatched at run time
    .enableUpcomingFeature("MemberImportVisibility"),  // a file names each module it uses
    .enableUpcomingFeature("InternalImportsByDefault"),  // a dependency stays inside unless it is shown on purpose
]

/// For the modules that never touch C: an unsafe expression there does not compile without saying so.
let safe: [SwiftSetting] = common + [.strictMemorySafety()]

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let heap: Target.Dependency = .product(name: "HeapModule", package: "swift-collections")
let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "billhook",
    products: [.executable(name: "billhook", targets: ["billhook"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
        // Without its default trait, which is about Foundation's types.
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2", traits: []),
    ],
    targets: [
        // Values that know nothing of files or sockets.
        .target(name: "Times", swiftSettings: safe),
        .target(name: "JSON", dependencies: ["Times"], swiftSettings: safe),
        .target(name: "Hashing", dependencies: [crypto], swiftSettings: safe),
        .target(name: "Process", dependencies: ["Hashing", "JSON", "Times"], swiftSettings: safe),
        .target(name: "Addresses", swiftSettings: safe),
        .target(
            name: "Deliver", dependencies: ["Addresses", "Hashing", "JSON", "Times", crypto], swiftSettings: safe),

        // The edge: system calls, libinotifytools, libcurl.
        .target(name: "CLinux"),
        .systemLibrary(name: "CInotifyTools", providers: [.apt(["libinotifytools0-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .target(name: "Files", dependencies: ["CLinux", "Times", system], swiftSettings: common),
        .target(name: "Watch", dependencies: ["CInotifyTools"], swiftSettings: common),
        .target(name: "Transport", dependencies: ["Addresses", "CCurl"], swiftSettings: common),
        .target(name: "Program", dependencies: ["CLinux", "Process", subprocess, system], swiftSettings: common),

        // The way of an invoice through the spool.
        .target(name: "Spool", dependencies: ["Files", "Hashing", "JSON", "Times", system], swiftSettings: safe),
        .target(
            name: "Claim", dependencies: ["Deliver", "Files", "Hashing", "JSON", "Process", "Spool", "Times", system],
            swiftSettings: safe),
        .target(
            name: "Settle", dependencies: ["Deliver", "Files", "Hashing", "Process", "Spool", "Times", system],
            swiftSettings: safe
        ),
        .target(
            name: "Subscriptions", dependencies: ["Deliver", "Files", "Spool", system], swiftSettings: safe),
        .target(
            name: "Webhooks",
            dependencies: ["Deliver", "Spool", "Subscriptions", "Times", "Transport", system], swiftSettings: safe),
        .target(
            name: "Engine",
            dependencies: ["Claim", "Deliver", "Files", "Process", "Spool", "Times", deque, heap, system],
            swiftSettings: safe),

        // What runs it.
        .target(
            name: "Daemon",
            dependencies: [
                "CLinux", "Claim", "Deliver", "Engine", "Files", "Process", "Program", "Settle", "Spool",
                "Subscriptions",
                "Times", "Transport", "Watch", "Webhooks", deque, logging, system,
            ],
            swiftSettings: common),
        .target(
            name: "Operate",
            dependencies: [
                "Deliver", "Files", "Hashing", "JSON", "Process", "Settle", "Spool", "Subscriptions", "Times",
                "Transport",
                "Watch", "Webhooks", system,
            ], swiftSettings: safe),
        .executableTarget(
            name: "billhook",
            dependencies: [
                "Daemon", "Deliver", "Engine", "Files", "JSON", "Operate", "Process", "Program", "Spool", "Times",
                arguments,
                logging, system,
            ], swiftSettings: common),

        // Tests.
        .target(name: "TestSupport", dependencies: ["Times"], path: "Tests/TestSupport", swiftSettings: common),
        .testTarget(name: "TimesTests", dependencies: ["Times"], swiftSettings: common),
        .testTarget(name: "JSONTests", dependencies: ["JSON", "TestSupport"], swiftSettings: common),
        .testTarget(name: "AddressesTests", dependencies: ["Addresses"], swiftSettings: common),
        .testTarget(
            name: "ProcessTests", dependencies: ["Hashing", "JSON", "Process", "TestSupport", "Times"],
            swiftSettings: common),
        .testTarget(
            name: "DeliverTests", dependencies: ["Addresses", "Deliver", "JSON", "TestSupport", "Times", crypto],
            swiftSettings: common),
        .testTarget(
            name: "OperateTests",
            dependencies: [
                "Addresses", "Claim", "Deliver", "Files", "Hashing", "JSON", "Operate", "Process", "Settle", "Spool",
                "TestSupport",
                "Times", system,
            ], swiftSettings: common),
        .testTarget(
            name: "FilesTests", dependencies: ["Files", "TestSupport", "Times", system], swiftSettings: common),
        .testTarget(
            name: "SpoolTests", dependencies: ["Files", "JSON", "Spool", "TestSupport", "Times", system],
            swiftSettings: common),
        .testTarget(
            name: "ClaimTests",
            dependencies: [
                "Claim", "Deliver", "Files", "Process", "Settle", "Spool", "TestSupport", "Times", system,
            ], swiftSettings: common),
        .testTarget(
            name: "SubscriptionsTests", dependencies: ["Deliver", "Spool", "Subscriptions", "TestSupport", system],
            swiftSettings: common),
        .testTarget(
            name: "SettleTests",
            dependencies: ["Deliver", "Files", "Settle", "Spool", "TestSupport", "Times", system],
            swiftSettings: common),
        .testTarget(
            name: "BlackBoxTests", dependencies: ["TestSupport", "billhook", crypto], swiftSettings: common),
        .testTarget(
            name: "FuzzTests",
            dependencies: ["Deliver", "Hashing", "JSON", "Process", "Spool", "TestSupport", "Times"],
            swiftSettings: common),
        .testTarget(
            name: "FaultTests", dependencies: ["TestSupport", "billhook"], exclude: ["figures.md"],
            swiftSettings: common),
        .testTarget(
            name: "EngineTests",
            dependencies: [
                "Claim", "Deliver", "Engine", "Files", "Hashing", "Process", "Spool", "TestSupport", "Times", system,
            ], swiftSettings: common),
        .testTarget(name: "DaemonTests", dependencies: ["Daemon", "TestSupport", "Times"], swiftSettings: common),
        .testTarget(name: "WatchTests", dependencies: ["Watch"], swiftSettings: common),
        .testTarget(
            name: "ProgramTests", dependencies: ["Process", "Program", "TestSupport", system], swiftSettings: common),
        .testTarget(
            name: "TransportTests", dependencies: ["Addresses", "CCurl", "TestSupport", "Transport"],
            swiftSettings: common),
    ],
    swiftLanguageModes: [.v6]
)
