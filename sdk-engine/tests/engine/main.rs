//! Tests of the engine from outside: histories in, commands out.

mod support;

mod activities;
mod timers;
