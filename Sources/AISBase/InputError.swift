/// An error whose cause is what the caller gave: a file, a name, a value.
///
/// Its description is one line that says what is wrong, where, what was expected and what was
/// found. Command-line tools print it and exit with 2; every other error exits with 1.
public protocol InputError: Error, Sendable, CustomStringConvertible {}
