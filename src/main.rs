//! The command line; decides nothing.

fn main() {}
