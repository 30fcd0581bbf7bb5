import Addresses
import Testing

@testable import Transport

@Suite("What is decided about addresses")
struct DialTests {
    private let inside = IPAddress("10.0.0.1")
    private let outside = IPAddress("8.8.8.8")

    @Test("of several addresses, one that may be called is enough")
    func mixed() {
        var dial = Dial(AddressGuard())
        let answer1 = dial.mayOpen(inside)
        #expect(!answer1)
        #expect(dial.isRefused)
        let answer2 = dial.mayOpen(outside)
        #expect(answer2)
        #expect(!dial.isRefused)
        #expect(dial.called == outside)
        #expect(dial.refused == inside)
    }

    @Test("the first of several refused addresses is told")
    func first() {
        var dial = Dial(AddressGuard())
        let answer3 = dial.mayOpen(inside)
        #expect(!answer3)
        let answer4 = dial.mayOpen(IPAddress("::1"))
        #expect(!answer4)
        #expect(dial.refused == inside)
    }

    @Test("what is no IP address is refused, unless nothing is judged")
    func other() {
        var guarded = Dial(AddressGuard())
        var open = Dial(nil)
        let answer5 = guarded.mayOpen(nil)
        #expect(!answer5)
        let answer6 = guarded.maySend(to: nil)
        #expect(!answer6)
        let answer7 = open.mayOpen(nil)
        #expect(answer7)
        let answer8 = open.mayOpen(inside)
        #expect(answer8)
        let answer9 = open.maySend(to: inside)
        #expect(answer9)
        #expect(!open.isRefused)
    }

    @Test("a kept connection to a refused address is a reason to start over, once")
    func again() {
        var dial = Dial(AddressGuard())
        let answer10 = dial.maySend(to: inside)
        #expect(!answer10)
        #expect(dial.isRefused && dial.isRefusedOnReuse && !dial.isSecond)
        var second = dial.again
        #expect(!second.isRefused && second.isSecond)
        let answer11 = second.mayOpen(inside)
        #expect(!answer11)
        #expect(second.isRefused && !second.isRefusedOnReuse)
    }
}
