package main

import (
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"duban/app"
	"duban/models"
)

type routesCommand struct{}

// Run prints who may open which door, and who may do what to an item from which state:
// the tables by which the program itself decides. It needs no database.
func (routesCommand) Run() error {
	w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	for _, d := range app.Doors() {
		fmt.Fprintf(w, "%s\t%s\t%s\n", d.Method, d.Path, joinedNames(d.Roles))
	}
	fmt.Fprintln(w)
	for _, l := range models.Road() {
		to := string(l.To)
		if to == "" {
			to = "-"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", l.Act, joinedNames(l.From), to, joinedNames(l.Roles))
	}
	return w.Flush()
}

// joinedNames are some names, and a dash for none.
func joinedNames[T ~string](names []T) string {
	var all []string
	for _, n := range names {
		if n == "" {
			n = "anyone"
		}
		all = append(all, string(n))
	}
	if len(all) == 0 {
		return "-"
	}
	return strings.Join(all, ", ")
}
