//! What is told of repositories that somebody else wrote: small ones with a snapshot each, hostile ones, and a huge one.

mod fixtures;
mod hostile;
mod huge;
