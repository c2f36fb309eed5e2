import AISKit
import ArgumentParser

extension RouterCalibration.Label: ExpressibleByArgument {}
extension RouterTraining.Balance: ExpressibleByArgument {}
extension RiskControl.Unit: ExpressibleByArgument {}
