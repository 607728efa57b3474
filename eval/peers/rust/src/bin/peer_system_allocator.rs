//! A system with the platform's allocator.

fn main() -> std::process::ExitCode {
    peers::main()
}
