package app

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"duban/models/modelstest"
)

// smoothLink is a link or form that changes part of its page in place: the part is
// found on the page by target, and in the answer by chosen.
type smoothLink struct{ to, target, chosen string }

// smoothLinks are those of a page, with the ids that stand on it. A link that says
// hx-boost="false" is a plain one.
func smoothLinks(page string) (links []smoothLink, ids map[string]bool) {
	ids = map[string]bool{}
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return nil, ids
	}
	var walk func(n *html.Node, boost string)
	walk = func(n *html.Node, boost string) {
		var to, target string
		for _, a := range n.Attr {
			switch {
			case a.Key == "id":
				ids[a.Val] = true
			case a.Key == "hx-boost", a.Key == "hx-boost:inherited":
				boost = a.Val
			case a.Key == "hx-target", a.Key == "hx-target:inherited":
				target = a.Val
			case a.Key == "href" && n.Data == "a", a.Key == "action" && n.Data == "form" && !sends(n):
				to = a.Val
			}
		}
		if to != "" || target != "" {
			l := smoothLink{to: to, target: target}
			for _, word := range strings.Fields(boost) {
				if id, ok := strings.CutPrefix(word, "target:"); ok {
					l.target = id
				}
				if id, ok := strings.CutPrefix(word, "select:"); ok {
					l.chosen = id
				}
			}
			if l.target != "" || l.chosen != "" {
				links = append(links, l)
			}
		}
		for child := n.FirstChild; child != nil; child = child.NextSibling {
			walk(child, boost)
		}
	}
	walk(root, "")
	return links, ids
}

// sends says whether a form sends something in; what it is answered is another story.
func sends(form *html.Node) bool {
	return slices.ContainsFunc(form.Attr, func(a html.Attribute) bool { return a.Key == "method" && strings.EqualFold(a.Val, "post") })
}

// wantTargets asks that whatever a page's links would change in place stands on it: a
// link without its target leaves a white page.
func (a *answer) wantTargets() {
	a.t.Helper()
	if !strings.Contains(a.body, "hx-boost") && !strings.Contains(a.body, "hx-target") {
		return
	}
	links, ids := smoothLinks(a.body)
	for _, l := range links {
		if id, ok := strings.CutPrefix(l.target, "#"); ok && !ids[id] {
			a.t.Errorf("%s: %s would change %s, which is not on the page", a.asked, l.to, l.target)
			return
		}
	}
}

// Every smooth link of every page leads to an answer that has the part it takes. That
// the page has the part it changes is asked of each answer of every story.
func TestASmoothLinkFindsWhatItTakes(t *testing.T) {
	s := demonstration(t, modelstest.URL(t, "sqlite"))
	s.uploaded(t)
	for _, name := range []string{"xuncha", "jiwei", "jfj-head"} {
		v := s.signedIn(name)
		has := map[string]map[string]bool{}
		walked := 0
		for _, a := range v.crawl("/board", "/items", "/overdue", "/import/1?step=preview&tab=new", "/import/1?step=preview&tab=asked", "/import/1?step=map") {
			links, _ := smoothLinks(a.body)
			for _, l := range links {
				if l.chosen == "" || !strings.HasPrefix(l.to, "/") {
					continue
				}
				if has[l.to] == nil && len(has) < 600 {
					to := v.get(l.to)
					if to.status != http.StatusOK {
						t.Errorf("%s: %s answers %d", a.asked, l.to, to.status)
					}
					_, has[l.to] = smoothLinks(to.body)
				}
				walked++
				if ids := has[l.to]; ids != nil && !ids[strings.TrimPrefix(l.chosen, "#")] {
					t.Errorf("%s: the answer of %s has no %s", a.asked, l.to, l.chosen)
				}
			}
		}
		if walked < 50 {
			t.Errorf("%s: only %d smooth links walked", name, walked)
		}
	}
}

// What is looked for is found where it is wrong.
func TestAMissingTargetIsSeen(t *testing.T) {
	links, ids := smoothLinks(`<nav hx-boost:inherited="target:#list select:#list"><a href="/x">x</a><a href="/y" hx-boost="false">y</a></nav><div id="other"></div>`)
	if !slices.Equal(links, []smoothLink{{"/x", "#list", "#list"}}) || ids["list"] || !ids["other"] {
		t.Errorf("%v %v", links, ids)
	}
}
