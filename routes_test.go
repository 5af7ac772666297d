package main

import (
	"slices"
	"testing"

	"duban/app"
	"duban/models"
)

func TestRoutesSaysWhomEachDoorAdmits(t *testing.T) {
	want := map[string][]models.Role{
		"POST /items/:item/closure":    {models.Supervisor},
		"POST /items/:item/signatures": {models.Handler, models.Leader, models.Head},
		"POST /rules":                  {models.Office},
	}
	for _, d := range app.Doors() {
		if len(d.Roles) == 0 {
			t.Errorf("%s %s admits nobody", d.Method, d.Path)
		}
		name := d.Method + " " + d.Path
		if roles, ok := want[name]; ok {
			delete(want, name)
			if !slices.Equal(d.Roles, roles) {
				t.Errorf("%s admits %v, want %v", name, d.Roles, roles)
			}
		}
	}
	for name := range want {
		t.Errorf("%s is not listed", name)
	}
	if err := (routesCommand{}).Run(); err != nil {
		t.Error(err)
	}
}
