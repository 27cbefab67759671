//! People who are named by e-mail, mobile or union id: whom Feishu is asked about, how often, and what is sent.

mod bounds;
mod elsewhere;
mod instances;
mod support;
mod trouble;
