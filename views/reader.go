package views

import (
	"context"
	"time"

	"duban/models"
	"duban/views/text"
)

// Reader is who reads a page, and what each part of it needs to know of that: the
// day it is, the rules it is judged by, and the token that a form of theirs carries.
type Reader struct {
	Today    models.Day
	Calendar models.Calendar
	Rules    models.Rules
	Zone     *time.Location
	OfUnit   bool // they are of one, whose items alone they see
	CSRF     string
	Typed    TypedFields
}

// TypedFields are the fields of a form, by name, as they were typed where what they are
// read as could not say it: a number of twenty digits, or of letters.
type TypedFields map[string]string

type readerKey struct{}

// For returns a context whose pages are drawn for that reader.
func For(ctx context.Context, r Reader) context.Context {
	return context.WithValue(ctx, readerKey{}, r)
}

func readerOf(ctx context.Context) Reader {
	r, _ := ctx.Value(readerKey{}).(Reader)
	return r
}

func todayOf(ctx context.Context) models.Day { return readerOf(ctx).Today }

func rulesOf(ctx context.Context) models.Rules { return readerOf(ctx).Rules }

// dateOf is a date as the reader writes it.
func dateOf(ctx context.Context, d models.Day) string {
	return text.Day(ctx, string(d), string(todayOf(ctx)))
}
