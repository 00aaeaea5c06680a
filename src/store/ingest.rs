//! (see the commit that fills this in)
