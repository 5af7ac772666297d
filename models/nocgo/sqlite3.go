// Package sqlite3 is empty. GORM's SQLite dialect imports the cgo driver for its
// side effect only; we open modernc.org/sqlite, which needs no C compiler, and
// this empty module keeps a first build from compiling SQLite in C for nothing.
package sqlite3
