package app

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/models/modelstest"
	"duban/views"
)

// signIn is the answer that sends somebody to the sign-in page; on is any other
// answer that sends the browser on.
const (
	signIn = 1
	on     = http.StatusSeeOther
)

// access is who gets what at every door, on an item of their own unit and with an
// empty form unless forms fills it in: 422 or 409 is an answer to somebody who was
// let in.
var access = map[string][8]int{
	//                                                 signed out | handler | leader | head | supervisor | office | principal | sysadmin
	"GET /":                              {signIn, on, on, on, on, on, on, on},
	"GET /sign-in":                       {200, on, on, on, on, on, on, on},
	"POST /sign-in":                      {422, 422, 422, 422, 422, 422, 422, 422},
	"POST /sign-out":                     {signIn, signIn, signIn, signIn, signIn, signIn, signIn, signIn},
	"GET /setup":                         {signIn, signIn, signIn, signIn, signIn, signIn, signIn, signIn},
	"POST /setup":                        {signIn, signIn, signIn, signIn, signIn, signIn, signIn, signIn},
	"POST /language":                     {on, on, on, on, on, on, on, on},
	"POST /theme":                        {on, on, on, on, on, on, on, on},
	"GET /board":                         {signIn, 200, 200, 200, 200, 200, 200, 403},
	"GET /items":                         {signIn, 200, 200, 200, 200, 200, 200, 403},
	"GET /overdue":                       {signIn, 200, 200, 200, 200, 200, 200, 403},
	"GET /dashboard":                     {signIn, 200, 200, 200, 200, 200, 200, 403},
	"GET /reviews":                       {signIn, 403, 403, 403, 200, 200, 403, 403},
	"GET /items.xlsx":                    {signIn, 200, 200, 200, 200, 200, 200, 403},
	"GET /items.csv":                     {signIn, 200, 200, 200, 200, 200, 200, 403},
	"GET /items.json":                    {signIn, 200, 200, 200, 200, 200, 200, 403},
	"GET /items/:item/row":               {signIn, 200, 200, 200, 403, 200, 403, 403},
	"POST /items/:item/cells":            {signIn, 409, 409, 409, 403, 409, 403, 403},
	"POST /items/:item/cells/undoing":    {signIn, 409, 409, 409, 403, 409, 403, 403},
	"GET /items/:item/cells/:cell/names": {signIn, 200, 200, 200, 403, 200, 403, 403},
	"GET /items/bulk":                    {signIn, 200, 200, 200, 403, 200, 403, 403},
	"POST /items/blocks/draft":           {signIn, 200, 200, 200, 403, 200, 403, 403},
	"POST /items/blocks":                 {signIn, 200, 200, 200, 403, 200, 403, 403},
	"GET /items/new":                     {signIn, 200, 200, 200, 403, 200, 403, 403},
	"POST /items":                        {signIn, 422, 422, 422, 403, 422, 403, 403},
	"GET /items/:item":                   {signIn, 200, 200, 200, 200, 200, 200, 403},
	"POST /items/:item/progress":         {signIn, 422, 422, 422, 403, 403, 403, 403},
	"POST /items/:item/measures/:measure/completion":         {signIn, 422, 422, 422, 403, 403, 403, 403},
	"POST /items/:item/measures/:measure/reopening":          {signIn, 409, 409, 409, 403, 403, 403, 403},
	"POST /items/:item/submission":                           {signIn, 409, 409, 409, 403, 403, 403, 403},
	"POST /items/:item/withdrawal":                           {signIn, 403, 409, 409, 403, 403, 403, 403},
	"POST /items/:item/return":                               {signIn, 403, 403, 403, 409, 403, 403, 403},
	"POST /items/:item/closure":                              {signIn, 403, 403, 403, 409, 403, 403, 403},
	"GET /notices":                                           {signIn, 200, 200, 200, 200, 200, 200, 403},
	"POST /notices":                                          {signIn, on, on, on, on, on, on, 403},
	"GET /notices/live":                                      {signIn, 200, 200, 200, 200, 200, 200, 403},
	"POST /notices/choices":                                  {signIn, on, on, on, on, on, on, 403},
	"POST /me/feed":                                          {signIn, on, on, on, on, on, on, 403},
	"POST /me/feed/end":                                      {signIn, on, on, on, on, on, on, 403},
	"GET /feeds/:word/duban.ics":                             {404, 404, 404, 404, 404, 404, 404, 404},
	"GET /items/:item/calendar.ics":                          {signIn, 200, 200, 200, 200, 200, 200, 403},
	"GET /leave/:word":                                       {404, 404, 404, 404, 404, 404, 404, 404},
	"POST /leave/:word":                                      {404, 404, 404, 404, 404, 404, 404, 404},
	"GET /letters":                                           {signIn, 200, 200, 200, 200, 200, 200, 403},
	"POST /letters":                                          {signIn, 403, 403, 403, on, on, 403, 403},
	"GET /letters/new":                                       {signIn, 403, 403, 403, 200, 200, 403, 403},
	"POST /letters/new":                                      {signIn, 403, 403, 403, 200, 200, 403, 403},
	"GET /letters/:letter":                                   {signIn, 200, 200, 200, 200, 200, 200, 403},
	"GET /letters/:letter/letter.docx":                       {signIn, 200, 200, 200, 200, 200, 200, 403},
	"POST /letters/:letter":                                  {signIn, 403, 403, 403, 409, 409, 403, 403},
	"POST /letters/:letter/signature":                        {signIn, 403, 403, 403, 409, 409, 403, 403},
	"POST /letters/:letter/acknowledgement":                  {signIn, 409, 409, 409, 403, 403, 403, 403},
	"POST /letters/:letter/answer":                           {signIn, 409, 409, 409, 403, 403, 403, 403},
	"POST /letters/:letter/judgement":                        {signIn, 403, 403, 403, 409, 409, 403, 403},
	"POST /letters/:letter/withdrawal":                       {signIn, 403, 403, 403, 409, 409, 403, 403},
	"GET /import":                                            {signIn, 200, 200, 200, 403, 200, 403, 403},
	"POST /import":                                           {signIn, 422, 422, 422, 403, 422, 403, 403},
	"GET /import/template.xlsx":                              {signIn, 200, 200, 200, 403, 200, 403, 403},
	"GET /import/:import":                                    {signIn, 404, 404, 404, 403, 404, 403, 403},
	"POST /import/:import/columns":                           {signIn, 404, 404, 404, 403, 404, 403, 403},
	"POST /import/:import/of":                                {signIn, 404, 404, 404, 403, 404, 403, 403},
	"POST /import/:import/answers":                           {signIn, 404, 404, 404, 403, 404, 403, 403},
	"POST /import/:import/confirmation":                      {signIn, 404, 404, 404, 403, 404, 403, 403},
	"POST /import/:import/undoing":                           {signIn, 404, 404, 404, 403, 404, 403, 403},
	"POST /import/:import/stopping":                          {signIn, 404, 404, 404, 403, 404, 403, 403},
	"GET /import/:import/refused.xlsx":                       {signIn, 404, 404, 404, 403, 404, 403, 403},
	"GET /digests":                                           {signIn, 200, 200, 200, 200, 200, 200, 403},
	"GET /digests/:week":                                     {signIn, 404, 404, 404, 404, 404, 404, 403},
	"GET /digests/:week/mail":                                {signIn, 404, 404, 404, 404, 404, 404, 403},
	"GET /digests/:week/deliveries":                          {signIn, 403, 403, 403, 403, 200, 403, 200},
	"POST /digests/:week/deliveries/:digest":                 {signIn, 403, 403, 403, 403, 404, 403, 404},
	"GET /digest/preview":                                    {signIn, 200, 200, 200, 200, 200, 200, 403},
	"POST /digest/preview":                                   {signIn, on, on, on, on, on, on, 403},
	"GET /digest/preview/mail":                               {signIn, 200, 200, 200, 200, 200, 200, 403},
	"GET /jobs":                                              {signIn, 403, 403, 403, 403, 200, 403, 200},
	"POST /jobs/:job/runs":                                   {signIn, 403, 403, 403, 403, 404, 403, 404},
	"POST /mails/:mail/resending":                            {signIn, 403, 403, 403, 403, 409, 403, 409},
	"GET /mail":                                              {signIn, 403, 403, 403, 403, 200, 403, 200},
	"POST /mail/trials":                                      {signIn, 403, 403, 403, 403, 422, 403, 422},
	"POST /mail/resendings":                                  {signIn, 403, 403, 403, 403, 409, 403, 409},
	"POST /mail/marks/lifting":                               {signIn, 403, 403, 403, 403, on, 403, on},
	"GET /webhooks":                                          {signIn, 403, 403, 403, 403, 200, 403, 200},
	"POST /webhooks":                                         {signIn, 403, 403, 403, 403, 422, 403, 422},
	"GET /webhooks/:webhook":                                 {signIn, 403, 403, 403, 403, 404, 403, 404},
	"POST /webhooks/:webhook":                                {signIn, 403, 403, 403, 403, 404, 403, 404},
	"POST /webhooks/:webhook/tries":                          {signIn, 403, 403, 403, 403, 404, 403, 404},
	"GET /items/:item/history":                               {signIn, 200, 200, 200, 200, 200, 200, 403},
	"GET /audit":                                             {signIn, 403, 403, 403, 403, 403, 403, 403},
	"POST /audit/checks":                                     {signIn, 403, 403, 403, 403, 403, 403, 403},
	"GET /audit/export.jsonl":                                {signIn, 403, 403, 403, 403, 403, 403, 403},
	"GET /audit/events/:event":                               {signIn, 403, 403, 403, 403, 403, 403, 403},
	"GET /audit/events/:event/proof.json":                    {signIn, 403, 403, 403, 403, 403, 403, 403},
	"GET /audit/heads/:size/head.txt":                        {signIn, 403, 403, 403, 403, 403, 403, 403},
	"GET /audit/heads/:size/growth.json":                     {signIn, 403, 403, 403, 403, 403, 403, 403},
	"GET /session":                                           {401, 200, 200, 200, 200, 200, 200, 200},
	"GET /drafts":                                            {signIn, 200, 200, 200, 200, 200, 200, 200},
	"POST /drafts":                                           {signIn, 204, 204, 204, 204, 204, 204, 204},
	"GET /me":                                                {signIn, 200, 200, 200, 200, 200, 200, 200},
	"POST /me/password":                                      {signIn, 422, 422, 422, 422, 422, 422, 422},
	"GET /help/rules":                                        {signIn, 200, 200, 200, 200, 200, 200, 200},
	"POST /items/:item/evidence":                             {signIn, 422, 422, 422, 403, 403, 403, 403},
	"GET /items/:item/evidence.zip":                          {signIn, 200, 200, 200, 200, 200, 200, 403},
	"GET /items/:item/evidence/:evidence":                    {signIn, 200, 200, 200, 200, 200, 200, 403},
	"POST /items/:item/evidence/:evidence/versions":          {signIn, 422, 422, 422, 403, 403, 403, 403},
	"GET /items/:item/evidence/:evidence/file":               {signIn, 200, 200, 200, 200, 200, 200, 403},
	"GET /items/:item/evidence/:evidence/document":           {signIn, 404, 404, 404, 404, 404, 404, 403}, // of a picture
	"GET /items/:item/evidence/:evidence/picture":            {signIn, 200, 200, 200, 200, 200, 200, 403},
	"GET /items/:item/evidence/:evidence/thumbnail":          {signIn, 200, 200, 200, 200, 200, 200, 403},
	"POST /items/:item/standing":                             {401, 403, 403, 403, 422, 422, 403, 403},
	"POST /items/:item/standing/end":                         {signIn, 403, 403, 403, 422, 422, 403, 403},
	"POST /items/:item/standing/reviews":                     {signIn, 403, 403, 403, 422, 422, 403, 403},
	"POST /items/:item/rechecks/:recheck":                    {signIn, 403, 403, 403, 409, 409, 403, 403},
	"GET /signals":                                           {signIn, 200, 200, 200, 200, 200, 200, 403},
	"POST /items/:item/signals/:signal/answer":               {signIn, 403, 403, 403, 422, 422, 403, 403},
	"GET /rechecks":                                          {signIn, 403, 403, 403, 200, 200, 403, 403},
	"POST /rechecks/draws":                                   {signIn, 403, 403, 403, 409, 409, 403, 403},
	"GET /rechecks/draws/:draw":                              {signIn, 403, 403, 403, 200, 200, 403, 403},
	"GET /rechecks/draws/:draw/numbers.txt":                  {signIn, 403, 403, 403, 200, 200, 403, 403},
	"POST /units/:unit/handovers":                            {signIn, 403, 403, 422, 403, 422, 403, 422},
	"POST /users/:user/scopes":                               {signIn, 403, 403, 403, 403, 404, 403, 403},
	"GET /calendar":                                          {signIn, 403, 403, 403, 403, 200, 403, 403},
	"POST /calendar/draft":                                   {signIn, 403, 403, 403, 403, 422, 403, 403},
	"POST /calendar":                                         {signIn, 403, 403, 403, 403, 422, 403, 403},
	"GET /rules":                                             {signIn, 403, 403, 403, 403, 200, 403, 403},
	"POST /rules/draft":                                      {signIn, 403, 403, 403, 403, 422, 403, 403},
	"POST /rules":                                            {signIn, 403, 403, 403, 403, 422, 403, 403},
	"GET /users":                                             {signIn, 403, 403, 403, 403, 200, 403, 200},
	"POST /users":                                            {signIn, 403, 403, 403, 403, 403, 403, 422},
	"GET /users/:user":                                       {signIn, 403, 403, 403, 403, 200, 403, 200},
	"POST /users/:user":                                      {signIn, 403, 403, 403, 403, 403, 403, 422},
	"GET /units":                                             {signIn, 403, 403, 403, 403, 200, 403, 200},
	"POST /units":                                            {signIn, 403, 403, 403, 403, 422, 403, 422},
	"GET /units/:unit":                                       {signIn, 200, 200, 200, 200, 200, 200, 200},
	"POST /units/:unit":                                      {signIn, 403, 403, 403, 403, 422, 403, 422},
	"GET /rounds":                                            {signIn, 403, 403, 403, 403, 200, 403, 403},
	"POST /rounds":                                           {signIn, 403, 403, 403, 403, 422, 403, 403},
	"GET /rounds/:round":                                     {signIn, 403, 403, 403, 403, 200, 403, 403},
	"POST /rounds/:round":                                    {signIn, 403, 403, 403, 403, 422, 403, 403},
	"GET /rounds/:round/bulletin.docx":                       {signIn, 403, 403, 403, 200, 200, 200, 403},
	"POST /rounds/:round/units":                              {signIn, 403, 403, 403, 403, on, 403, 403},
	"GET /items/:item/achievements":                          {signIn, 200, 200, 200, 200, 200, 200, 403},
	"POST /items/:item/achievements":                         {signIn, 422, 422, 422, 403, 403, 403, 403},
	"POST /items/:item/achievements/:achievement/withdrawal": {signIn, 422, 422, 422, 403, 403, 403, 403},

	// Urging.
	"GET /urgings/new": {signIn, 403, 403, 403, 200, 200, 403, 403},
	"POST /urgings":    {signIn, 403, 403, 403, on, on, 403, 403},

	// The road of an item.
	"POST /items/:item/standard":                         {signIn, 403, 403, 403, 422, 422, 403, 403}, // it has one
	"POST /items/:item/assignment":                       {signIn, 403, 403, 422, 403, 422, 403, 403},
	"POST /items/:item/receipt":                          {signIn, 409, 409, 409, 403, 403, 403, 403}, // acknowledged already
	"POST /items/:item/measures":                         {signIn, 422, 422, 422, 403, 403, 403, 403}, // there are some
	"POST /items/:item/measures/:measure":                {signIn, 422, 422, 422, 403, 403, 403, 403},
	"POST /items/:item/signatures":                       {signIn, 409, 409, 409, 403, 403, 403, 403},
	"POST /items/:item/signatures/return":                {signIn, 403, 409, 409, 403, 403, 403, 403},
	"POST /items/:item/stated":                           {signIn, 403, 403, 403, 409, 403, 403, 403}, // no ledger calls it done
	"POST /stated/:import/draws":                         {signIn, 403, 403, 403, 404, 403, 403, 403},
	"POST /items/:item/date":                             {signIn, 403, 403, 403, 409, 409, 403, 403}, // it has one
	"POST /items/:item/date/proposal":                    {signIn, 409, 409, 409, 403, 403, 403, 403},
	"POST /items/:item/date/correction":                  {signIn, 403, 403, 403, 403, 422, 403, 403},
	"POST /items/:item/extensions":                       {signIn, 422, 422, 422, 403, 403, 403, 403},
	"POST /items/:item/extensions/:extension/withdrawal": {signIn, 409, 409, 409, 403, 403, 403, 403},
	"POST /items/:item/extensions/:extension/grant":      {signIn, 403, 403, 403, 409, 403, 403, 403},
	"POST /items/:item/extensions/:extension/refusal":    {signIn, 403, 403, 403, 409, 403, 403, 403},
	"POST /items/:item/voidings":                         {signIn, 403, 403, 403, 422, 422, 403, 403},
	"POST /items/:item/voidings/:voiding/approval":       {signIn, 403, 403, 403, 409, 409, 403, 403},
	"POST /items/:item/voidings/:voiding/refusal":        {signIn, 403, 403, 403, 409, 409, 403, 403},
	"POST /items/:item/stage":                            {signIn, 403, 403, 403, 409, 403, 403, 403},
	"POST /items/:item/reopening":                        {signIn, 403, 403, 403, 409, 403, 403, 403},
	"GET /items/:item/sheet":                             {signIn, 200, 200, 200, 200, 200, 200, 403},
}

// forms are what a route is sent where an empty form is not what it takes.
var forms = map[string][]string{
	"POST /notices":              {"up_to", "0"},
	"POST /items/:item/standing": {"review_on", "2020-01-01"},
	"POST /rounds/:round/units":  {"unit", "jfj"},
}

// named fills the address of a route: it leads to this item and to the rest of
// the cast's register.
func (s *site) named(t *testing.T, path string, item models.Item, measure int64) string {
	t.Helper()
	for param, value := range map[string]string{
		":item": item.Number, ":measure": fmt.Sprint(measure), ":user": fmt.Sprint(s.Shen.ID),
		":cell": "leader", ":unit": s.Unit.Code, ":round": s.Round.Code,
		":import": "0", ":week": "2026-W09", ":digest": "0", ":job": "sweep", ":mail": "0", ":recheck": "1", ":signal": "0", ":draw": "1", ":letter": "1", ":evidence": fmt.Sprint(s.evidence[item.Number]),
		":webhook": "0", ":extension": "0", ":voiding": "0", ":achievement": "1", ":event": "1", ":size": "1", ":word": "1.made-up",
	} {
		path = strings.ReplaceAll(path, param, value)
	}
	if strings.Contains(path, ":") {
		t.Errorf("%s: say in named what its parameter is", path)
	}
	return path
}

// people are the visitors of the access table, in its order.
func (s *site) people() []models.User {
	return []models.User{{}, s.Wu, s.Leng, s.Hai, s.Supervisor, s.Office, s.Principal, s.Admin}
}

// visitors are the same people at their browsers, and Shen after them.
func (s *site) visitors() []*visitor {
	var all []*visitor
	for _, u := range append(s.people(), s.Shen) {
		v := s.visitor()
		if u.ID != 0 {
			v = s.as(u)
		}
		v.get("/me") // whose token its posts carry
		all = append(all, v)
	}
	return all
}

func routeName(r route) string { return r.method + " " + r.path }

func TestEveryDoorLetsInWhomItShould(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item := s.shown(s.Wu, s.Registered("2026-03-20"))
		item, err := s.As(s.Wu).Acknowledge(item)
		if err != nil {
			t.Fatal(err)
		}
		measures, err := s.As(s.Wu).Measures(item)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.As(s.Supervisor).Close(s.Submitted("2026-03-20"), "属实"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.As(s.Office).Draw(); err != nil { // the first draw, of the one closed item
			t.Fatal(err)
		}
		s.letter(t, s.Registered("2026-03-20"))
		names := append([]string{"signed out", "handler", "leader", "head", "supervisor", "office", "principal", "sysadmin"}, "stranger")
		visitors := s.visitors()
		for _, r := range s.server.routes() {
			line, ok := access[routeName(r)]
			if !ok {
				t.Errorf("%s: say here who gets what", routeName(r))
				continue
			}
			path := s.named(t, r.path, item, measures[0].ID)
			for n, v := range visitors {
				want := line[min(n, 7)]
				if names[n] == "stranger" { // what the handler gets, but nothing of an item
					want = line[1]
					if strings.Contains(r.path, ":item") || strings.Contains(r.path, ":unit") || strings.Contains(r.path, ":letter") {
						want = http.StatusNotFound
						if !r.who(s.Shen) {
							want = http.StatusForbidden // turned away at the door
						}
					}
				}
				version := 1
				if strings.Contains(r.path, ":item") {
					version = item.Version
				}
				a := v.send(r.method, path, append(forms[routeName(r)], "version", fmt.Sprint(version)))
				if got := a.outcome(); got != want {
					t.Errorf("%s as %s: %s, want %s\n%s", routeName(r), names[n], outcomeName(got), outcomeName(want), a.words())
				}
				if r.path == "/sign-out" && n > 0 {
					*v = *s.as(append(s.people(), s.Shen)[n])
					v.get("/me")
				}
			}
		}
		for name := range access {
			if !slices.ContainsFunc(s.server.routes(), func(r route) bool { return routeName(r) == name }) {
				t.Errorf("%s: no such route", name)
			}
		}
	})
}

func (v *visitor) send(method, path string, form []string) *answer {
	v.t.Helper()
	if method == http.MethodPost {
		return v.post(path, form...)
	}
	return v.ask(httptest.NewRequest(method, path, nil))
}

// outcome is the status, with signIn apart from other ways on.
func (a *answer) outcome() int {
	if to, _, _ := strings.Cut(a.goesTo(), "?"); a.status == on && to == views.SignInLink {
		return signIn
	}
	return a.status
}

func outcomeName(outcome int) string {
	switch outcome {
	case signIn:
		return "to sign-in"
	case on:
		return "sent on"
	}
	return fmt.Sprint(outcome)
}

// itemRoutes are the doors of one item.
func (s *site) itemRoutes() []route {
	return slices.DeleteFunc(s.server.routes(), func(r route) bool { return !strings.Contains(r.path, ":item") })
}

var ownToEachAnswer = regexp.MustCompile(`name="csrf" value="[^"]*"`)

// A unit never learns that another's item exists: whatever is asked, by whichever
// method, of an item that is another's, the answer is to the byte that of an item
// that is not there.
func TestForeignAndMissingAreTheSame(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		foreign := s.shown(s.Shen, s.RegisteredFor(s.Other, models.OnTheSpot, "2026-02-20"))
		measures, err := s.As(s.Shen).Measures(foreign)
		if err != nil {
			t.Fatal(err)
		}
		missing := foreign
		missing.Number = "LX-2026-099"
		s.evidence[missing.Number] = s.evidence[foreign.Number]
		for _, u := range []models.User{s.Wu, s.Leng, s.Hai} {
			v := s.as(u)
			v.get("/me")
			for _, r := range s.itemRoutes() {
				for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
					var saw [2]string
					for n, item := range []models.Item{foreign, missing} {
						a := v.send(method, s.named(t, r.path, item, measures[0].ID), []string{"version", "1", "text", "x", "result", "x", "words", "x", "from", "unit=czj"})
						if method == r.method {
							want := http.StatusForbidden
							if r.who(u) {
								want = http.StatusNotFound
							}
							a.want(want)
						}
						saw[n] = fmt.Sprint(a.status, a.header) + ownToEachAnswer.ReplaceAllString(a.body, "")
					}
					if saw[0] != saw[1] {
						t.Errorf("%s %s as %s: another unit's item answers otherwise than none at all:\n%s\n%s", method, r.path, u.Name, saw[0], saw[1])
					}
				}
			}
		}
	})
}

// A measure is reached by its item's address and no other: neither by a foreign
// item's, nor by another of the unit's own.
func TestAMeasureBelongsToItsItem(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		mine, second, foreign := s.Registered("2026-03-20"), s.Registered("2026-03-21"), s.RegisteredFor(s.Other, models.PostFeedback, "2026-03-20")
		ids := map[string]int64{}
		for _, item := range []models.Item{second, foreign} {
			measures, err := s.As(s.Office).Measures(item)
			if err != nil {
				t.Fatal(err)
			}
			ids[item.Number] = measures[0].ID
		}
		for _, u := range []models.User{s.Wu, s.Leng, s.Hai} {
			v := s.as(u)
			v.get("/items/" + mine.Number)
			for number, id := range ids {
				for _, deed := range []string{"completion", "reopening"} {
					v.post(fmt.Sprintf("/items/%s/measures/%d/%s", mine.Number, id, deed), "version", "1", "result", "done").want(http.StatusNotFound)
				}
				if measures, _ := s.As(s.Office).Measures(s.find(number)); measures[0].Done() {
					t.Errorf("the measure of %s was ticked through %s", number, mine.Number)
				}
			}
		}
	})
}

// So are the requests that wait for an answer: each is decided at its own item's
// address and no other's.
func TestARequestBelongsToItsItem(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ask := func(u models.User, item models.Item) models.Item {
			t.Helper()
			item, err := s.As(u).AskExtension(item, "2026-04-20", "须公示")
			if err != nil {
				t.Fatal(err)
			}
			if item, err = s.As(s.Office).AskVoiding(item, "重复登记"); err != nil {
				t.Fatal(err)
			}
			return item
		}
		mine, second := ask(s.Wu, s.Registered("2026-03-20")), ask(s.Wu, s.Registered("2026-03-21"))
		foreign := ask(s.Shen, s.RegisteredFor(s.Other, models.PostFeedback, "2026-03-20"))
		version := fmt.Sprint(mine.Version)
		for _, other := range []models.Item{second, foreign} {
			extension, err := s.As(s.Office).PendingExtension(other)
			if err != nil {
				t.Fatal(err)
			}
			voiding, err := s.As(s.Office).PendingVoiding(other)
			if err != nil {
				t.Fatal(err)
			}
			wu, supervisor := s.as(s.Wu), s.as(s.Supervisor)
			wu.get("/items/" + mine.Number)
			supervisor.get("/items/" + mine.Number)
			wu.post(fmt.Sprintf("/items/%s/extensions/%d/withdrawal", mine.Number, extension.ID), "version", version).want(http.StatusNotFound)
			for _, path := range []string{fmt.Sprintf("extensions/%d/grant", extension.ID), fmt.Sprintf("extensions/%d/refusal", extension.ID), fmt.Sprintf("voidings/%d/approval", voiding.ID), fmt.Sprintf("voidings/%d/refusal", voiding.ID)} {
				supervisor.post("/items/"+mine.Number+"/"+path, "version", version, "words", "不属于这里").want(http.StatusNotFound)
			}
			if is := s.find(other.Number); is.Version != other.Version || is.DueOn != other.DueOn {
				t.Errorf("%s was decided through %s", other.Number, mine.Number)
			}
		}
		if is := s.find(mine.Number); is.Version != mine.Version {
			t.Errorf("%s is %+v", mine.Number, is)
		}
	})
}

func (s *site) find(number string) models.Item {
	s.t.Helper()
	item, err := s.As(s.Office).Item(number)
	if err != nil {
		s.t.Fatal(err)
	}
	return item
}

// A first password, which somebody else knows, opens nothing but the page on which
// it is changed.
func TestAFirstPasswordMustBeChangedBeforeAnythingElse(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		v := s.visitor()
		v.get("/sign-in")
		v.post("/sign-in", "name", "wu", "password", modelstest.Password, "next", "/board").wantGoTo("/me")
		v.get("/me").want(200).wantWords("首次登录请先修改密码")
		for _, r := range s.server.routes() {
			if !slices.Contains(beforeAll, r.path) && r.path != "/sign-in" && r.path != "/setup" {
				v.send(r.method, s.named(t, r.path, models.Item{Number: "FK-2026-001"}, 1), nil).wantGoTo("/me")
			}
		}
		v.post("/me/password", "old", modelstest.Password, "password", modelstest.Password).want(422)
		v.post("/me/password", "old", modelstest.Password, "password", "A-word-of-my-own-1").wantGoTo("/")
		v.get("/").wantGoTo("/units/jfj")
		v.get("/board").want(200)
	})
}

func TestARouteThatNamesNoAudienceAdmitsNobody(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		s := siteOn(t, r, Options{})
		for _, u := range append(s.people(), s.Shen) {
			reached := false
			nobodys := route{"GET", "/nobodys", nil, func(echo.Context, *models.Board) error { reached = true; return nil }}
			c := echo.New().NewContext(httptest.NewRequest("GET", "/nobodys", nil), httptest.NewRecorder())
			c.Set(meKey, u)
			if err := nobodys.admit(s.server)(c); err == nil || reached {
				t.Errorf("%q came in", u.Role)
			}
		}
	})
}

// What a person of one unit can come upon by following every link from page to
// page, and by guessing at every filter, holds nothing of another unit's.
func TestNothingOfAnotherUnitStandsAnywhere(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		s.Registered("2026-02-20")
		s.Registered("2026-03-04")
		secrets := s.registerSecrets(t)
		for _, u := range []models.User{s.Wu, s.Leng, s.Hai} {
			v := s.as(u)
			pages := v.crawl("/", "/board?unit=czj", "/items?unit=czj", "/overdue?unit=czj", "/items?unit=czj,jfj", "/items?q=LX", "/items?sort=-title&group=unit",
				"/items?leader=x", "/items?week=2026-W09", "/items?overdue=1-", "/overdue?group=leader", "/items?light=done", "/items/LX-2026-001", "/units", "/units/czj", "/users",
				"/items/FK-2026-001?from=unit%3Dczj", "/items/FK-2026-001?from=light%3Doverdue", "/items/FK-2026-001?from=q%3Dsecret", "/items.xlsx?unit=czj", "/items.csv?unit=czj", "/items.json?unit=czj", "/notices", "/letters", "/letters?unit=czj", "/letters/1", "/letters/1/letter.docx")
			if len(pages) < 100 {
				t.Errorf("only %d pages walked", len(pages))
			}
			for _, a := range pages {
				a.wantNone(secrets...)
			}
			for _, secret := range secrets {
				for _, path := range []string{"/items?q=", "/board?q=", "/overdue?q=", "/items?leader=", "/items?owner=", "/items?cat="} {
					a := v.get(path + queryEscape(secret))
					a.wantNone(slices.DeleteFunc(slices.Clone(secrets), func(s string) bool { return s == secret })...)
					if strings.Contains(path, "q=") && !strings.Contains(a.body, `data-total="0"`) {
						t.Errorf("%s: a search for another unit's words finds something", a.asked)
					}
				}
			}
		}
		admin := s.as(s.Admin)
		for _, a := range admin.crawl("/", "/board", "/items", "/overdue", "/dashboard", "/items/LX-2026-001", "/items/FK-2026-001", "/notices") {
			a.wantNone(slices.DeleteFunc(slices.Clone(secrets), func(w string) bool { return w == s.Other.Name })...)
		}
	})
}

// registerSecrets is another unit's items in every state, and all the words that
// belong to them.
func (s *site) registerSecrets(t *testing.T) []string {
	t.Helper()
	var due = []models.Day{"2026-01-20", "2026-02-20", "2026-03-03", "2026-06-30", ""}
	secrets := []string{s.Other.Name, "秘事", "secret-leader", "secret-clerk", "secret-kind", "secret-source", "secret-measure", "secret-note", "secret-letter", "secret-copy", "〔2026〕1号", "LX-2026-001"}
	for n, day := range due {
		items, err := s.As(s.Office).Register(models.NewItem{
			Tier: models.OnTheSpot, RoundID: s.Round.ID, UnitID: s.Other.ID, Problem: fmt.Sprintf("秘事 %d", n), Standard: "秘事销号",
			Leader: "secret-leader", Handler: "secret-clerk", Category: "secret-kind", Source: "secret-source", Department: "秘事科",
			Measures: []models.Measure{{Text: "secret-measure", DueOn: day}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.As(s.Shen).Report(items[0], "secret-note", nil); err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			continue
		}
		b := s.As(s.Supervisor)
		l, err := b.DraftLetter(items, models.LetterAsk{Kind: models.LetterNotice, Title: "secret-letter", Body: "秘事", Copies: "secret-copy"})
		if err == nil {
			_, err = b.SignLetter(l)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.As(models.TheClerk).FlagOverdue(); err != nil {
		t.Fatal(err)
	}
	return secrets
}

var links = regexp.MustCompile(`(?:href|action)="(/[^"#]*)`)

// crawl follows every link from these addresses on, and returns each page once.
// Addresses that differ only in their numbers of rows or their order are walked as
// well, up to a bound.
func (v *visitor) crawl(from ...string) []*answer {
	v.t.Helper()
	const most = 400
	seen, queue := map[string]bool{}, slices.Clone(from)
	var answers []*answer
	for len(queue) > 0 && len(answers) < most {
		path := queue[0]
		queue = queue[1:]
		if seen[path] || strings.HasPrefix(path, "/static/") {
			continue
		}
		seen[path] = true
		a := v.get(path)
		if a.status >= 500 {
			v.t.Errorf("%s: %d", a.asked, a.status)
		}
		answers = append(answers, a)
		if to := a.goesTo(); to != "" {
			queue = append(queue, to)
		}
		for _, found := range links.FindAllStringSubmatch(a.body, -1) {
			queue = append(queue, unescape(found[1]))
		}
	}
	return answers
}

// rubbish is what somebody may send who has not used our forms, or has pasted from
// somewhere.
var rubbish = map[string]string{
	"nothing": "", "a word": "x", "the noughth": "0", "a negative": "-1", "a huge number": "99999999999999999999", "no day": "2026-02-30", "a day of rubbish": "2026-13-45",
	"the last day": "9999-12-31", "a day too long": "12026-03-20", "the first day": "0001-01-01", "a NUL": "a\x00b", "half a character": "a\xe4\xb8b", "control characters": "\x01\x0b\x1b[2J\x7f",
	"a turned direction": "\u202eabc\u2066", "what nobody sees": "\u200b\ufeff", "100 KB": strings.Repeat("长", 34_000), "markup": "<script>alert(1)</script>", "a formula": "=1+1", "SQL": "' OR 1=1 --",
}

// rubbishFields are the fields of all forms.
var rubbishFields = []string{"text", "text_1", "owner", "owner_1", "due_on", "due_on_1", "kind", "kind_1", "result", "words", "reason", "until", "review_on", "doc_no", "note", "measure", "outcome",
	"leader", "handler", "assistants", "basis", "n", "why", "from", "to", "opinion", "title", "body", "copies", "answer", "answer_by", "items", "name", "full_name", "code", "role", "unit", "email", "post", "category", "tier", "year", "round", "q", "show", "next"}

// Whatever is sent to whichever door, it is told what is wrong with it, and no fault of
// ours comes of it; and of all of it no date moves but by those who may move it.
func TestRubbishIsToldAndBreaksNothing(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		visitors := map[string]*visitor{"head": s.as(s.Hai), "supervisor": s.as(s.Supervisor), "office": s.as(s.Office), "sysadmin": s.as(s.Admin)}
		for _, v := range visitors {
			v.get("/me")
		}
		item := s.Registered("2026-03-20")
		measure := s.measureOf(item)
		for kind, value := range rubbish {
			illegible := kind == "a NUL" || kind == "half a character"
			var form []string
			for _, field := range rubbishFields {
				form = append(form, field, value)
			}
			query := "?" + strings.ReplaceAll("q=V&light=V&status=V&unit=V&sort=V&page=V&after=V&from=V&leader=V&cat=V&week=V&show=V&kind=V&act=V&person=V", "V", queryEscape(value[:min(len(value), 300)]))
			for who, v := range visitors {
				for _, r := range s.server.routes() {
					onItems := strings.Contains(r.path, ":item") && r.method == http.MethodPost && (who == "head" || who == "supervisor")
					if !onItems && !illegible || slices.Contains([]string{"/sign-out", "/me/password", "/setup", "/notices/live", "/jobs/:job/runs"}, r.path) {
						continue
					}
					is := s.find(item.Number)
					versions := []string{fmt.Sprint(is.Version)}
					if strings.HasSuffix(r.path, "/progress") {
						versions = append(versions, value)
					}
					path := s.named(t, r.path, is, measure)
					if r.method == http.MethodGet {
						path += query
					}
					for _, version := range versions {
						if a := v.send(r.method, path, append(slices.Clone(form), "version", version)); a.status >= 500 {
							t.Errorf("%s to %s as %s: %d\n%.300s", kind, routeName(r), who, a.status, a.words())
						}
					}
				}
			}
		}
		if is := s.find(item.Number); is.DueOn != item.DueOn || is.FirstDueOn != item.FirstDueOn || is.Status != models.Underway {
			t.Errorf("%+v", is)
		}
		for _, path := range []string{"/items/FK%00", "/items/FK%2500", "/items/%FF", "/items/%25FF", "/units/%00", "/rounds/%00", "/leave/%00", "/digests/%00", "/items?q=%00", "/items?unit=%FF"} {
			for who, v := range visitors {
				if a := v.get(path); a.status >= 500 {
					t.Errorf("%s as %s: %d", path, who, a.status)
				}
			}
		}
	})
}

// Each deed on an item or a letter has a name in the trail for when it was asked for by whom
// it is not for; and who may not even look is not told that they may.
func TestADeedThatIsNotForSomebodyIsNamed(t *testing.T) {
	for _, r := range new(Server).routes() {
		if _, named := routeDeeds[r.path]; r.method == http.MethodPost && !named && (strings.HasPrefix(r.path, "/items/") || strings.HasPrefix(r.path, "/letters")) {
			t.Errorf("%s has no deed", r.path)
		}
	}
	eachSite(t, func(t *testing.T, s *site) {
		item := s.Submitted("2026-06-30")
		wu := s.as(s.Wu)
		wu.get("/items/" + item.Number)
		wu.post("/items/"+item.Number+"/closure", "words", "同意").want(http.StatusForbidden).wantWords(says("error.not_yours_to_do"))
		wu.get("/users").want(http.StatusForbidden).wantWords(says("error.not_for_you")).wantNone(says("error.forbidden"))
		wu.post("/users", "name", "x").want(http.StatusForbidden)
		var acts []models.Act
		auditor, err := s.As(s.Admin).SaveUser(models.User{Name: "shenji", FullName: "shenji", Role: models.Auditor, Email: "shenji@example.gov.cn"}, modelstest.Password)
		if err != nil {
			t.Fatal(err)
		}
		rows, _, err := s.As(auditor).Audit(models.AuditFilter{Person: "wu", Result: "refused"}, 10)
		for _, row := range rows {
			acts = append(acts, row.Event.Act)
		}
		if want := []models.Act{models.SendForm, models.OpenPage, models.CloseItem}; err != nil || !slices.Equal(acts, want) {
			t.Errorf("the trail has %v, want %v (%v)", acts, want, err)
		}
	})
}
