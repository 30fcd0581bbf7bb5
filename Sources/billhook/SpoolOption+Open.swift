import Operate
import Spool
import SystemPackage

extension SpoolOption {
    /// Opens the spool; throws `OperateError` if that can't be done.
    func open() throws(OperateError) -> Spool {
        try SpoolAccess.open(FilePath(path))
    }
}
