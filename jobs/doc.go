// Package jobs is what happens at set hours: the timetable, how one tick of it is
// run exactly once by any number of programs, and the one way out of the house for
// mail. It is shallow: what the passing of time does to the register is in models.
package jobs
