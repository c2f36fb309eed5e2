/// Something of a device as that device's own type; the caller passes what it got from the same device.
///
/// The second argument names it if it is another device's.
func own<Own>(_ part: Any, _ name: StaticString) -> Own {
  guard let own = part as? Own else { preconditionFailure("\(name) of this device") }
  return own
}
