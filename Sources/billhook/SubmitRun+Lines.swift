import Operate
import SystemPackage

/// JSON Lines: many requests in one file.
extension SubmitRun {
    /// Submits the lines of a file, and sums up at the end, also if that comes early.
    func submitLines(_ file: String) throws(OperateError) {
        var lines = LineSubmitter(spool, maximumBytes: maximumBytes)
        let progress = ProgressLine()
        var failure: OperateError?
        do throws(OperateError) {
            try feed(file, to: &lines, progress)
        } catch {
            failure = error
        }
        progress.clear()
        try printer.print(lines.tally, of: file)
        if let failure { throw failure }
    }

    private func feed(_ file: String, to lines: inout LineSubmitter, _ progress: ProgressLine) throws(OperateError) {
        let input = try open(file)
        let size = input.size
        var failure: OperateError?
        let report = { (result: LineSubmitter.Result) in
            do throws(OperateError) {
                try self.take(result, of: file, progress)
            } catch {
                failure = error
            }
        }
        var bytesRead = 0
        while failure == nil {
            let chunk: [UInt8]
            do throws(Errno) { chunk = try input.next() } catch { throw unreadable(file, error) }
            if chunk.isEmpty { break }
            bytesRead += chunk.count
            try lines.take(chunk, report: report)
            let done = lines.tally.lines
            let total = size.map { max(done, Int(Double(done) * Double($0) / Double(bytesRead))) }
            progress.show(done: done, total: total)
        }
        if failure == nil { try lines.finish(report: report) }
        if let failure { throw failure }
    }

    private func open(_ file: String) throws(OperateError) -> Input {
        do throws(Errno) {
            return file == "-" ? Input.standardInput() : try Input(FilePath(file))
        } catch {
            throw unreadable(file, error)
        }
    }

    private func unreadable(_ file: String, _ code: Errno) -> OperateError {
        OperateError(code, problem: "\(file == "-" ? "Standard input" : file) can't be read")
    }

    private func take(
        _ result: LineSubmitter.Result, of file: String, _ progress: ProgressLine
    ) throws(OperateError) {
        switch result.outcome {
        case .conflict, .invalid:
            progress.clear()
            remember(.dataError)
        case .submitted, .duplicate:
            if goal != nil, let submission = result.submission { awaited.append(submission) }
        }
        try printer.print(result, of: file)
    }
}
