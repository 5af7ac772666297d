package app

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"golang.org/x/net/html"

	"duban/models"
	"duban/views/text"
)

// What is typed is not lost: while it is typed a script keeps it as a draft; and what is sent
// when the session has ended, or from a page that is too old, comes back in the form that it
// was typed into, with the names of the files that are to be chosen again.

// draftForms is how many forms' drafts one page may ask for.
const draftForms = 100

// unkept are fields that are never kept: secrets, and what a page draws for itself.
var unkept = []string{"csrf", "version", "draft", "from", "password", "old", "code", "place", "typed", "kept"}

// draftField is what stands before the name of each field that a draft is kept of.
const draftField = "f."

// keepDraft keeps what a person is typing.
func (s *Server) keepDraft(c echo.Context, b *models.Board) error {
	fields := map[string][]string{}
	for name, values := range c.Request().PostForm {
		if name, is := strings.CutPrefix(name, draftField); is && !slices.Contains(unkept, name) && strings.Join(values, "") != "" {
			fields[name] = values
		}
	}
	if place := localPath(c.FormValue("place")); place != "" {
		if err := b.KeepDraft(place, fields); err != nil {
			return err
		}
	}
	return c.NoContent(http.StatusNoContent)
}

// draftShown is a draft as the page's script puts it back.
type draftShown struct {
	Place  string              `json:"place"`
	Fields map[string][]string `json:"fields"`
	At     string              `json:"at"`
}

// showDrafts are what the reader has typed into the forms of their page and not sent.
func (s *Server) showDrafts(c echo.Context, b *models.Board) error {
	places := c.QueryParams()["place"]
	drafts, err := b.DraftsOf(places[:min(len(places), draftForms)])
	if err != nil {
		return err
	}
	shown := make([]draftShown, len(drafts))
	for n, d := range drafts {
		shown[n] = draftShown{d.Place, d.Fields, text.Moment(c.Request().Context(), d.At.In(b.Now().Location()), string(b.Today()))}
	}
	return c.JSON(http.StatusOK, shown)
}

// showSession says to a page of ours whose session it is now, and the token that a form of it
// needs: before it sends what was typed.
func (s *Server) showSession(c echo.Context, b *models.Board) error {
	if b.Me().Role == models.Nobody {
		return c.NoContent(http.StatusUnauthorized)
	}
	token, _ := c.Get(tokenKey).(string)
	return c.JSON(http.StatusOK, map[string]any{"me": b.Me().ID, "csrf": token})
}

// forgetDraft forgets what was kept of a form that has now done what it asked for.
func forgetDraft(c echo.Context, b *models.Board) error {
	if c.Request().Method != http.MethodPost || c.Response().Status >= http.StatusBadRequest || b.Me().ID == 0 || c.FormValue("draft") == "" {
		return nil
	}
	return b.DropDraft(c.Request().URL.Path)
}

// keptForm is a form that was sent in vain: where to, on which page it stood, and what was in
// it. Files cannot be kept; they are named.
type keptForm struct {
	Place  string
	Page   string
	Fields map[string][]string
	Files  []string `json:",omitempty"`
}

// A field is kept up to longestKept bytes, and all of a form up to mostKept.
const (
	longestKept = 64 << 10
	mostKept    = 256 << 10
)

// keptOf is what somebody sent, unless another site may have written it for them.
func keptOf(c echo.Context) (k keptForm, some bool) {
	r := c.Request()
	if r.Method != http.MethodPost || foreign(r) {
		return k, false
	}
	k = keptForm{Place: r.URL.Path, Page: itemPageOf(r.URL.Path), Fields: map[string][]string{}}
	if page, err := url.Parse(r.Referer()); err == nil && strings.EqualFold(page.Host, r.Host) && localPath(page.RequestURI()) != "" {
		k.Page = page.RequestURI()
	}
	left := mostKept
	for name, values := range r.PostForm {
		if slices.Contains(unkept, name) {
			continue
		}
		for _, value := range values {
			if value == "" || len(value) > longestKept || len(value) > left {
				continue
			}
			left -= len(value)
			k.Fields[name] = append(k.Fields[name], value)
		}
	}
	if r.MultipartForm != nil {
		for _, files := range r.MultipartForm.File {
			for _, f := range files {
				k.Files = append(k.Files, f.Filename)
			}
		}
	}
	if names, ok := c.Get(namesKey).([]string); ok {
		k.Files = append(k.Files, names...)
	}
	return k, k.Page != "" && len(k.Fields)+len(k.Files) > 0
}

// asWord is the form in a word, for a hidden field and for the session.
func (k keptForm) asWord() string {
	word, _ := json.Marshal(k)
	return string(word)
}

// keptFrom reads such a word: one that is none, or names a page that is not ours, is nothing.
func keptFrom(word string) (k keptForm, some bool) {
	if word == "" || len(word) > 2*mostKept || json.Unmarshal([]byte(word), &k) != nil {
		return keptForm{}, false
	}
	return k, localPath(k.Page) != "" && localPath(k.Place) != ""
}

// keep has a form come back on its page the next time this person opens it.
func (s *session) keep(c echo.Context, k keptForm) {
	s.Put(c.Request().Context(), "kept", k.asWord())
}

// keptHere is the form that is to come back on this page, once.
func (s *session) keptHere(c echo.Context) (keptForm, bool) {
	ctx := c.Request().Context()
	k, some := keptFrom(s.GetString(ctx, "kept"))
	if page, _, _ := strings.Cut(k.Page, "?"); !some || c.Request().Method != http.MethodGet || strings.SplitN(page, "#", 2)[0] != c.Request().URL.Path {
		return keptForm{}, false
	}
	s.Remove(ctx, "kept")
	return k, true
}

// backIn puts a form that was sent in vain back into the page it was sent from: each field in
// its own place, and above all the page's content a word that it is there, with the names of
// the files. Where the page has no such form any more, what was typed stands there to be copied.
func (k keptForm) backIn(page []byte, say func(key string, args ...any) string) []byte {
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return page
	}
	form := findNode(root, func(n *html.Node) bool { return n.Data == "form" && attributeOf(n, "action") == k.Place })
	main := findNode(root, func(n *html.Node) bool { return n.Data == "main" })
	if main == nil {
		return page
	}
	left := map[string][]string{}
	for name, values := range k.Fields {
		left[name] = values
	}
	if form != nil {
		k.fill(form, left)
		form.AppendChild(element("input", "type", "hidden", "name", "draft", "value", "1"))
		for up := form.Parent; up != nil; up = up.Parent {
			if up.Data == "details" {
				setAttribute(up, "open", "")
			}
		}
	}
	words := []string{say("draft.restored")}
	if form == nil {
		words = []string{say("draft.no_form")}
	}
	if len(k.Files) > 0 {
		words = append(words, say("draft.files", strings.Join(k.Files, say("list.and"))))
	}
	notice := element("div", "class", "notice", "role", "status", "id", "restored")
	for _, w := range words {
		notice.AppendChild(paragraph(w, ""))
	}
	for _, name := range slices.Sorted(maps.Keys(left)) { // what found no place
		for _, value := range left[name] {
			if form == nil || strings.TrimSpace(value) != "" {
				notice.AppendChild(paragraph(value, "read"))
			}
		}
	}
	main.InsertBefore(notice, main.FirstChild)
	var out bytes.Buffer
	if html.Render(&out, root) != nil {
		return page
	}
	return out.Bytes()
}

// fill puts each value into its field of the form, and leaves in left what has none.
func (k keptForm) fill(form *html.Node, left map[string][]string) {
	eachNode(form, func(n *html.Node) {
		name := attributeOf(n, "name")
		values := left[name]
		switch kind := attributeOf(n, "type"); {
		case n.Data == "input" && kind == "file" && len(k.Files) > 0:
			n.Parent.InsertBefore(paragraph(strings.Join(k.Files, " "), "field__hint bad"), n.NextSibling)
		case n.Data == "input" && (kind == "checkbox" || kind == "radio") && k.Fields != nil:
			removeAttribute(n, "checked")
			if at := slices.Index(values, attributeOf(n, "value")); at >= 0 {
				setAttribute(n, "checked", "")
				left[name] = slices.Delete(slices.Clone(values), at, at+1)
			}
		case len(values) == 0, n.Data == "input" && slices.Contains([]string{"hidden", "password", "submit", "button", "image", "reset", "file"}, kind), n.Data == "button":
			return
		case n.Data == "input":
			setAttribute(n, "value", values[0])
			left[name] = values[1:]
		case n.Data == "textarea":
			for n.FirstChild != nil {
				n.RemoveChild(n.FirstChild)
			}
			n.AppendChild(&html.Node{Type: html.TextNode, Data: values[0]})
			left[name] = values[1:]
		case n.Data == "select":
			eachNode(n, func(o *html.Node) {
				removeAttribute(o, "selected")
				if o.Data == "option" && attributeOf(o, "value") == values[0] {
					setAttribute(o, "selected", "")
				}
			})
			left[name] = values[1:]
		}
	})
	eachNode(form, func(n *html.Node) { // hidden fields and buttons carry theirs themselves
		if n.Data == "input" || n.Data == "button" {
			if kind := attributeOf(n, "type"); kind == "hidden" || n.Data == "button" || kind == "submit" {
				delete(left, attributeOf(n, "name"))
			}
		}
	})
}

func element(tag string, attributes ...string) *html.Node {
	n := &html.Node{Type: html.ElementNode, Data: tag}
	for i := 0; i+1 < len(attributes); i += 2 {
		setAttribute(n, attributes[i], attributes[i+1])
	}
	return n
}

func paragraph(words, class string) *html.Node {
	p := element("p")
	if class != "" {
		setAttribute(p, "class", class)
	}
	p.AppendChild(&html.Node{Type: html.TextNode, Data: words})
	return p
}

// eachNode calls do with each element below and with n, in the document's order.
func eachNode(n *html.Node, do func(*html.Node)) {
	if n.Type == html.ElementNode {
		do(n)
	}
	for child := n.FirstChild; child != nil; {
		next := child.NextSibling
		eachNode(child, do)
		child = next
	}
}

func findNode(root *html.Node, is func(*html.Node) bool) (found *html.Node) {
	eachNode(root, func(n *html.Node) {
		if found == nil && is(n) {
			found = n
		}
	})
	return found
}

func attributeOf(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func setAttribute(n *html.Node, name, value string) {
	for i := range n.Attr {
		if n.Attr[i].Key == name {
			n.Attr[i].Val = value
			return
		}
	}
	n.Attr = append(n.Attr, html.Attribute{Key: name, Val: value})
}

func removeAttribute(n *html.Node, name string) {
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}
