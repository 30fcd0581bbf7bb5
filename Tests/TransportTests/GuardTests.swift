import Addresses
import TestSupport
import Testing

@testable import Transport

/// Names below localhost resolve to both loopback addresses without asking anybody (RFC 6761, section 6.3).
@Suite("The address guard at work")
struct GuardTests {
    private func url(_ receiver: Receiver, _ host: String = "shop.localhost") -> String {
        "http://\(host):\(receiver.port)/hook"
    }

    @Test("a name that resolves to what is not globally reachable is refused, and nothing is connected")
    func refused() throws {
        let receiver = try Receiver()
        let completion = try Harness.post(.make(url(receiver), addresses: AddressGuard()))
        #expect(completion.result == .failure(.addressRefused))
        let address = try #require(completion.trace.address)
        #expect(AddressClass.of(address) == .loopback)
        #expect(completion.trace.isReused == nil)
        #expect(receiver.connections == 0)
    }

    @Test("what is allowed by its block is called")
    func allowed() throws {
        let receiver = try Receiver()
        let rule = AddressGuard(allowing: [try AddressBlock("127.0.0.0/8")])
        let completion = try Harness.post(.make(url(receiver), addresses: rule))
        #expect(completion.result.status == 200)
        #expect(completion.trace.address == IPAddress("127.0.0.1"))
    }

    @Test("the unspecified address, which the kernel takes for loopback, has to be allowed as both")
    func unspecified() throws {
        let receiver = try Receiver()
        let zero = try AddressBlock("0.0.0.0")
        for allowed in [[zero], AddressGuard.loopback.allowed] {
            let request = PostRequest.make(url(receiver, "0.0.0.0"), addresses: AddressGuard(allowing: allowed))
            #expect(try Harness.post(request).result == .failure(.addressRefused))
        }
        let both = AddressGuard(allowing: [zero] + AddressGuard.loopback.allowed)
        #expect(try Harness.post(.make(url(receiver, "0.0.0.0"), addresses: both)).result.status == 200)
        #expect(receiver.calls.count == 1)
    }

    @Test(
        "the other spellings of an address are no way around",
        arguments: ["2130706433", "0x7f.1", "0177.0.0.1", "127.1"])
    func spellings(host: String) throws {
        let receiver = try Receiver()
        let completion = try Harness.post(.make(url(receiver, host), addresses: AddressGuard()))
        #expect(completion.result == .failure(.addressRefused))
        #expect(receiver.connections == 0)
    }

    @Test("a connection that one request may use is not lent to another that may not call its address")
    func keptConnection() throws {
        let receiver = try Receiver()
        let transport = try Transport(idleConnections: 4)
        func post(_ rule: AddressGuard) throws -> PostCompletion {
            try Harness.post(.make(url(receiver), addresses: rule), over: transport)
        }
        #expect(try post(.loopback).result.status == 200)
        #expect(try post(AddressGuard()).result == .failure(.addressRefused))
        #expect(try post(.loopback).result.status == 200)
        #expect(receiver.calls.count == 2)
    }

    @Test("refused a kept connection, a request is judged by an attempt to make one of its own")
    func ownConnection() throws {
        let receiver = try Receiver()
        let transport = try Transport(idleConnections: 4)
        #expect(try Harness.post(.make(url(receiver)), over: transport).result.status == 200)
        let other = AddressGuard(allowing: [try AddressBlock("::1")])
        let completion = try Harness.post(.make(url(receiver), addresses: other), over: transport)
        // Nobody listens there: it was called all the same, and so it isn't a matter of addresses.
        #expect(completion.result == .failure(.connectRefused))
        #expect(completion.trace.address == IPAddress("::1"))
        #expect(receiver.calls.count == 1)
    }

    @Test("many requests with and without the right to an address each get what is theirs")
    func mixed() throws {
        let receiver = try Receiver()
        let transport = try Transport(idleConnections: 8)
        for round in 0..<4 {
            for index in 0..<16 {
                let rule = index % 2 == 0 ? AddressGuard.loopback : AddressGuard()
                transport.start(.make(url(receiver), addresses: rule), id: UInt64(index))
            }
            for completion in Harness.finish(transport) {
                #expect(completion.result.status == (completion.id % 2 == 0 ? 200 : nil))
            }
            #expect(receiver.calls.count == (round + 1) * 8)
        }
    }
}
