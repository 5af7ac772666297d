package app

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"gorm.io/gorm"

	"duban/models"
	"duban/models/modelstest"
)

// manyItems is how many items the large register has.
const manyItems = 100_000

// Whatever list a page offers, of whatever it may be asked for, no statement of the page
// reads more than ten times the rows it gives, and two hundred.
func TestAPageReadsWhatItShows(t *testing.T) {
	modelstest.EachDatabase(t, func(t *testing.T, address string) {
		r := modelstest.Open(t, address)
		r.Fill(500)
		r.MultiplyItems(manyItems / 500) // of the rest there are enough to tell what reads all of it
		s := siteOn(t, r, Options{})
		if err := r.As(r.Office).Assign(r.Supervisor, models.Scopes{{UnitID: &r.Unit.ID}, {UnitID: &r.Other.ID}}); err != nil {
			t.Fatal(err)
		}
		heard, listening := map[string][]any{}, false
		overhear(t, r.Store, func(statement string, args []any) {
			if listening && strings.HasPrefix(statement, "SELECT") {
				heard[statement] = args
			}
		})
		r.At("2026-03-02 00:05") // the night's figures are kept
		if nights, err := r.As(models.TheClerk).RecordNights(); err != nil || nights == 0 {
			t.Fatal(nights, err)
		}
		db := modelstest.Behind(t, address)
		r.SQL("UPDATE notices SET read_at = at") // a figure of its own, of what nobody has read
		for _, who := range []models.User{r.Office, r.Supervisor, r.Hai} {
			v := s.as(who)
			v.get("/overdue").want(200) // once the figures are read
			for _, path := range pagesOffered(v, who.Role == models.Office) {
				clear(heard)
				listening = true
				v.get(path).want(200)
				listening = false
				for _, statement := range slices.Sorted(maps.Keys(heard)) {
					if tooMuch := planOf(t, db, address, statement, heard[statement]); tooMuch != "" {
						t.Errorf("%s of %s: %s\n%.1500s", path, who.Name, tooMuch, statement)
					}
				}
			}
		}
	})
}

// pagesOffered are the addresses of the pages: each list in each order, and with each of
// its filters.
func pagesOffered(v *visitor, all bool) []string {
	number := func(list string) string { return v.get(list).rows()[0] }
	pages := []string{"/items/" + number("/items"), "/items/" + number("/items?unit=jfj&status=doing") + "?from=" + url.QueryEscape("unit=jfj&status=doing")}
	lists := []string{"/items", "/board", "/overdue"}
	if !all {
		lists = lists[:1] // the others are confined in the same way
	}
	for _, list := range lists {
		pages = append(pages, list)
		for _, filter := range []string{
			"round=2026-1", "tier=lx", "unit=jfj", "unit=jfj,czj,u7", "leader=副局长1", "leader=nobody", "owner=经办人3", "owner=nobody", "status=todo", "status=doing", "status=review", "status=closed", "status=open",
			"light=overdue", "light=soon", "light=ok", "light=review", "light=none", "light=done", "overdue=1-7", "overdue=61-", "due=week", "due=2026-03-01..2026-06-30", "closed=2026-01-01..2026-01-20",
			"week=2026-W09", "since=2026-W09", "review=mine", "ext=pending", "letter=none", "letter=await", "idle=14", "late=review", "standing=all", "standing=due",
			"cat=八项规定", "cat=nothing", "import=1", "q=饕餮", "unit=jfj&tier=lx", "unit=jfj&light=overdue", "unit=jfj&leader=副局长1", "unit=jfj&cat=八项规定", "unit=jfj&status=review", "tier=fk&light=done",
		} {
			pages = append(pages, list+"?"+filter)
		}
	}
	if !all {
		return pages // what one unit has is not sorted by an index of its own
	}
	for _, order := range []string{"due", "number", "unit", "tier", "leader", "updated", "title", "closed", "measures"} {
		pages = append(pages, "/items?sort="+order, "/items?sort=-"+order)
	}
	return append(pages, "/items?group=unit", "/items?group=leader", "/items?group=cat")
}

// planOf says in what a statement reads too much, "" of one that does not.
func planOf(t *testing.T, db *sql.DB, address, statement string, args []any) string {
	t.Helper()
	if strings.HasPrefix(address, "sqlite") {
		return sqlitePlan(t, db, statement, args)
	}
	var out string
	if err := db.QueryRow("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) "+statement, args...).Scan(&out); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	var plans []struct{ Plan postgresNode }
	if err := json.Unmarshal([]byte(out), &plans); err != nil {
		t.Fatal(err)
	}
	top := plans[0].Plan
	if read, given := top.read(), top.Rows*top.Loops; read > 10*given+200 {
		return fmt.Sprintf("reads %.0f rows for %.0f: %s", read, given, top.worst())
	}
	return ""
}

// postgresNode is a step of a plan that was carried out.
type postgresNode struct {
	Kind     string  `json:"Node Type"`
	Relation string  `json:"Relation Name"`
	Index    string  `json:"Index Name"`
	Cond     string  `json:"Index Cond"`
	Filter   string  `json:"Filter"`
	Rows     float64 `json:"Actual Rows"`
	Loops    float64 `json:"Actual Loops"`
	Removed  float64 `json:"Rows Removed by Filter"`
	Recheck  float64 `json:"Rows Removed by Index Recheck"`
	Plans    []postgresNode
}

// own is how many rows the step itself reads from a table.
func (n postgresNode) own() float64 {
	if n.Relation == "" {
		return 0
	}
	return (n.Rows + n.Removed + n.Recheck) * n.Loops
}

func (n postgresNode) read() float64 {
	all := n.own()
	for _, p := range n.Plans {
		all += p.read()
	}
	return all
}

// worst is the step that reads most.
func (n postgresNode) worst() string {
	worst := n
	var walk func(postgresNode)
	walk = func(n postgresNode) {
		if n.own() > worst.own() {
			worst = n
		}
		for _, p := range n.Plans {
			walk(p)
		}
	}
	walk(n)
	return fmt.Sprintf("%s %s %s %s filter %s: %.0f, %.0f left out", worst.Kind, worst.Relation, worst.Index, worst.Cond, worst.Filter, worst.own(), worst.Removed)
}

// listStatement is one that gives items in an order, and nothing that hangs on some of them.
var listStatement = regexp.MustCompile(`^SELECT (\* FROM \(SELECT )?[^()]* FROM .?items.?\b`)

// sqlitePlan is planOf where the database tells its plan alone: nothing large is walked
// without an index in the order asked for, and nothing put into order by itself.
func sqlitePlan(t *testing.T, db *sql.DB, statement string, args []any) string {
	t.Helper()
	rows, err := db.Query("EXPLAIN QUERY PLAN "+statement, args...)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	defer rows.Close()
	var steps []string
	bad := false
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
		for _, table := range []string{"items", "measures", "progress", "evidence", "events", "submissions", "signatures", "verifications", "closures", "item_words", "extensions", "overdue_spells"} {
			bad = bad || strings.HasPrefix(step, "SCAN "+table) && !strings.Contains(step, "USING")
		}
		bad = bad || strings.Contains(step, "TEMP B-TREE") && strings.Contains(step, "ORDER BY") && listStatement.MatchString(statement)
	}
	if !bad {
		return ""
	}
	return strings.Join(steps, " / ")
}

// overhear tells of each statement by which the store reads from now on, but for those of
// a transaction's own.
func overhear(t testing.TB, s *models.Store, told func(statement string, args []any)) {
	t.Helper()
	kept := reflect.ValueOf(s).Elem().FieldByName("db")
	on := reflect.NewAt(kept.Type(), unsafe.Pointer(kept.UnsafeAddr())).Elem().Interface().(*gorm.DB).Callback()
	hear := func(tx *gorm.DB) {
		if !tx.DryRun { // a part of another
			told(tx.Statement.SQL.String(), slices.Clone(tx.Statement.Vars))
		}
	}
	if err := errors.Join(on.Query().After("gorm:query").Register("overheard", hear), on.Row().After("gorm:row").Register("overheard", hear), on.Raw().After("gorm:raw").Register("overheard", hear)); err != nil {
		t.Fatal(err)
	}
}
