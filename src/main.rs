//! The binary.

use std::process::ExitCode;

/// Extraction makes many small texts and lists, and drops them page by page.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    gleaner::cli::main(std::env::args_os())
}
