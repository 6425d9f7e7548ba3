import ArgumentParser

/// The option of every command that asks for confirmation.
struct ConfirmationOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Answer yes to every question.")
    var yes = false
}

/// A command whose questions can be answered beforehand.
protocol ConfirmingCommand {
    var confirmation: ConfirmationOptions { get }
}
