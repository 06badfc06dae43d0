// The unavoidable leakage of a district, to set its minimum night flow against.
package main

import (
	"fmt"
	"os"

	"example.org/leak/headworks"
)

// By the IWA's component analysis (Lambert et al., 1999): litres a day of mains, connections and
// private pipes, at a pressure in metres.
func unavoidableLosses(arguments []headworks.Value) (headworks.Value, error) {
	var n [4]float64
	for i := range n {
		var err error
		if n[i], err = headworks.Number(arguments[i]); err != nil {
			return nil, err
		}
		if n[i] < 0 {
			return nil, fmt.Errorf("argument %d is negative", i+1)
		}
	}
	mains, connections, private, pressure := n[0], n[1], n[2], n[3]
	litresADay := (18*mains + 0.8*connections + 25*private) * pressure
	return litresADay / 24 / 1000, nil
}

func main() {
	err := headworks.Run("leak", []headworks.Function{{
		Name:      "unavoidable_losses",
		Signature: "unavoidable_losses(mains_km, connections, private_km, pressure_m)",
		Help:      "The unavoidable real losses of a district in m3/h.",
		Least:     4, Most: 4, Pure: true, Code: unavoidableLosses}})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
