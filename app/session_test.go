package app

import "testing"

func TestEverybodyOfTheCastSignsIn(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		s.as(s.Wu).get("/board").want(200)
		s.as(s.Wu).get("/board").want(200)
		s.as(s.Admin).get("/users").want(200)
	})
}
