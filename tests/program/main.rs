//! The built program, as newcomers, operators, containers and scripts use it.

mod binary;
mod readme;
