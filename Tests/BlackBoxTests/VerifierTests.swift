import Foundation
import TestSupport
import Testing

/// The signatures as other people's code judges them.
@Suite(
    "A receiver with the libraries of others", .serialized,
    .enabled(
        if: Verifier.isThere,
        "standardwebhooks, svix and cryptography are not in .build/verifiers; contrib/install-packages --test puts them there"
    ))
struct VerifierTests {
    private func secret() -> String {
        "whsec_" + Data((0..<32).map { _ in UInt8.random(in: 0...255) }).base64EncodedString()
    }

    @Test("verifies each attempt, and no forgery of it")
    func attempts() throws {
        let (key, other) = (secret(), secret())
        let verifier = try Verifier([key, other], failingFirst: true)
        let stage = try Stage { try $0.subscribe("s", verifier.url, retry: ["1ms", "1ms"], with: ["secret": key]) }
        try stage.spool.submit("k", #"{"customer_id":"é","amount_cents":100,"metadata":{"a":"\u00e9\/ \"","b":1e2}}"#)
        try stage.spool.wait(for: "done/k.json")
        let verdicts = try verifier.wait(count: 2)
        #expect(verdicts.map(\.attempt) == [1, 2])
        #expect(verdicts.map(\.keys) == Array(repeating: [[true, true], [false, false]], count: 2))
        #expect(verdicts.allSatisfy { !$0.wasDeceived && $0.hasBodySignature })
        #expect(Set(verdicts.map(\.id)).count == 1)
    }

    @Test("goes on verifying while its secret is rotated: old, both, new")
    func rotation() throws {
        let (old, new) = (secret(), secret())
        let verifier = try Verifier([old, new])
        let stage = try Stage { try $0.subscribe("s", verifier.url, with: ["secret": old]) }
        let both: [Any] = [new, ["secret": old, "not_after": "2999-01-01T00:00:00Z"]]
        let over: [Any] = [new, ["secret": old, "not_after": "2020-01-01T00:00:00Z"]]
        let steps: [(Any, Bool, Bool)] = [
            (old, true, false), (both, true, true), (over, false, true), ([new], false, true),
        ]
        var calls = 0
        for (number, (field, isOld, isNew)) in steps.enumerated() {
            try stage.spool.subscribe("s", verifier.url, with: ["secret": field])
            try eventually("step \(number) is in force", orElse: stage.daemon.log) {
                calls += 1
                try stage.spool.submit("k\(calls)")
                return try verifier.wait(count: calls).last?.keys == [[isOld, isOld], [isNew, isNew]]
            }
        }
        #expect(try verifier.verdicts().allSatisfy { $0.keys.flatMap { $0 }.contains(true) && !$0.wasDeceived })
    }

    @Test(
        "verifies with the new secret once the file that holds it has changed, wherever it stands",
        arguments: [true, false])
    func secretFile(isBeside: Bool) throws {
        let (old, new) = (secret(), secret())
        let verifier = try Verifier([old, new])
        let place = isBeside ? "subscriptions/shop.secret" : "../shop.secret"
        let stage = try Stage(isBeside ? [] : ["--rescan-interval", "20ms"]) { spool in
            try spool.write(old + "\n", to: place)
            try spool.subscribe("s", verifier.url, with: ["secret_file": isBeside ? "shop.secret" : spool.path(place)])
        }
        try stage.spool.submit("before")
        #expect(try verifier.wait(count: 1).last?.keys == [[true, true], [false, false]])
        try stage.spool.write(new + "\n", to: "tmp/new")
        try stage.spool.move("tmp/new", to: place)
        var number = 0
        try eventually("it signs with the new secret") {
            number += 1
            try stage.spool.submit("k\(number)")
            return try verifier.wait(count: number + 1).last?.keys == [[false, false], [true, true]]
        }
        #expect(try verifier.verdicts().allSatisfy { $0.keys.flatMap { $0 }.contains(true) && !$0.wasDeceived })
    }

    @Test("verifies ed25519 with the public key that subscribe tells")
    func keyPair() throws {
        let stage = try Stage()
        let made = try Tool.billhook(
            stage.spool, ["subscribe", "first", "http://127.0.0.1:9/", "--asymmetric", "--json"])
        let key = try Members(Array(made.output.utf8)).text("public_key")
        let privateKey = try stage.spool.object("subscriptions/first.json").text("secret")
        try stage.spool.remove("subscriptions/first.json")
        let shared = secret()
        let verifier = try Verifier([key, shared])
        try stage.spool.subscribe("pair", verifier.url, with: ["secret": privateKey])
        try stage.daemon.waitForLog("pair: added")
        try stage.spool.submit("k")
        let alone = try #require(try verifier.wait(count: 1).last)
        #expect(alone.keys == [[true], [false, false]] && !alone.wasDeceived && !alone.hasBodySignature)
        let shown = try Tool.billhook(stage.spool, ["show", "--subscription", "pair"])
        #expect(shown.status == 0 && shown.output.contains(key) && !shown.output.contains(privateKey))
        try stage.spool.subscribe("mixed", verifier.url, with: ["secret": [privateKey, shared]])
        try stage.spool.shell("touch subscriptions/pair.paused")
        try stage.daemon.waitForLog("pair: paused")
        try stage.daemon.waitForLog("mixed: added")
        try stage.spool.submit("l")
        let mixed = try #require(try verifier.wait(count: 2).last)
        #expect(mixed.keys == [[true], [true, true]] && !mixed.wasDeceived && mixed.hasBodySignature)
        #expect(!stage.daemon.log.contains(privateKey.dropFirst(5)))
    }
}
