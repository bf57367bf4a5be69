# Observed and counterfactual spectrum. Set by `run`: answer (CSV of the query), picture (SVG), name, z.
set datafile separator ','
set terminal svg size 1000,760 font 'Helvetica,13' background 'white'
set output picture
set ylabel 'flux / 10^{-17} erg cm^{-2} s^{-1} Å^{-1}'
set xlabel 'observed wavelength / Å'
set grid linecolor rgb '#e0e0e0'
set key outside top center horizontal
wavelength(l) = 10**l
is(s) = strcol('status') eq 'ok' ? s : NaN
set multiplot layout 2,1 title name.": at twice the extinction and half the line strength\n" noenhanced

# The continuum and most lines; the strongest lines go on in the panel below.
stats answer using (is(column('observed'))) nooutput
top = 1.6 * STATS_up_quartile
set xrange [3750:9250]
set yrange [-0.08 * top:top]
plot answer using (wavelength(column('loglam'))):(is(column('observed'))) with lines linecolor rgb '#7090b0' title 'observed', \
     answer using (wavelength(column('loglam'))):(is(column('explained'))) with lines linecolor rgb '#103060' linewidth 1.5 title 'model', \
     answer using (wavelength(column('loglam'))):(is(column('counterfactual'))) with lines linecolor rgb '#d05020' title 'counterfactual'

unset key
set xrange [6480 * (1 + z):6780 * (1 + z)]
set yrange [*:*]
plot answer using (wavelength(column('loglam'))):(is(column('observed'))) with histeps linecolor rgb '#7090b0', \
     answer using (wavelength(column('loglam'))):(is(column('explained'))) with lines linecolor rgb '#103060' linewidth 1.5, \
     answer using (wavelength(column('loglam'))):(is(column('counterfactual'))) with histeps linecolor rgb '#d05020'
unset multiplot
