# ATTACKS 13: what an instance reaches on the network. That another instance
# can't be reached, nor another IP address be taken, is in live/lxg-profile.
# shellcheck disable=SC2016,SC2034,SC2154
bats_require_minimum_version 1.5.0

load ../env.sh
load ../session.sh

# A service of the host on all addresses, another one on its loopback; what
# each has as its port is in its file.
setup_file() {
	drop_instance "$T"
	drop_instance "$T-n"
	make_instance "$T" > record
	lxg-profile put "$T-n" | lxg-instance create -N -i lxg > record.n
	for address in 0.0.0.0 127.0.0.1; do
		rm -f "port.$address"
		perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(
LocalAddr => $ARGV[0], Listen => 5) or die;
open my $f, ">", "port.$ARGV[0]" or die;
print $f $s->sockport, "\n";
close $f;
while (my $c = $s->accept) {
	print $c "of the host\n";
}' "$address" 3>&- &
		echo $! >> servers
		wait_until 10 test -s "port.$address"
	done
	wait_until 60 has_route
}

teardown_file() {
	xargs kill < servers || :
	rm -f servers
	drop_instance "$T"
	drop_instance "$T-n"
}

has_route() { [ -n "$(gateway)" ]; }
gateway() { inside ip -4 route show default | awk '{ print $3; exit }'; }

# reached HOST PORT: does the service answer a connection from inside?
reached() {
	inside python3 -c 'import socket, sys
print(socket.create_connection((sys.argv[1], int(sys.argv[2])), 3).recv(99))' \
	    "$1" "$2" 2>&1 | grep 'of the host'
}

@test "the host's services on the bridge are reached, as lxg-security(7) says" {
	wait_until 20 reached "$(gateway)" "$(cat port.0.0.0.0)"
}

@test "those on the host's loopback are not, by whatever route" {
	port=$(cat port.127.0.0.1) gateway=$(gateway)
	run ! reached "$gateway" "$port"
	inside sh -c 'ip address del 127.0.0.1/8 dev lo
	    ip route add 127.0.0.1 via "$1" onlink dev eth0
	    echo 1 > /proc/sys/net/ipv4/conf/eth0/route_localnet' sh "$gateway"
	run ! reached 127.0.0.1 "$port"
	inside sh -c 'ip route del 127.0.0.1; ip address add 127.0.0.1/8 dev lo'
}

# as_other MAC GATEWAY ADDRESS: the same network card and IP address under
# another MAC; networkd takes the address away meanwhile, when it comes to it
as_other() {
	inside sh -c 'ip link set eth0 down
	    ip link set eth0 address "$1"
	    ip link set eth0 up
	    for i in $(seq 60); do
		    sleep 0.3
		    ip address replace "$3" dev eth0 &&
			ip route replace default via "$2" && exit
	    done
	    exit 1' sh "$@"
}

@test "another MAC address gets no packet out" {
	gateway=$(gateway) port=$(cat port.0.0.0.0)
	own=$(inside cat /sys/class/net/eth0/address)
	address=$(inside ip -4 -o address show dev eth0 | awk '{ print $4; exit }')
	wait_until 20 reached "$gateway" "$port"
	as_other 00:16:3e:00:be:ef "$gateway" "$address"
	run ! reached "$gateway" "$port"
	as_other "$own" "$gateway" "$address"
	wait_until 20 reached "$gateway" "$port"
	# with the defence taken out, it does
	engine_api PATCH "/1.0/instances/$T" "$(engine_api GET \
	    "/1.0/instances/$T" | jq '{devices: {eth0:
	    (.expanded_devices.eth0 + {"security.mac_filtering": "false",
	    "security.ipv4_filtering": "false",
	    "security.ipv6_filtering": "false"})}}')"
	wait_until 60 reached "$gateway" "$port"
	as_other 00:16:3e:00:be:ef "$gateway" "$address"
	wait_until 20 reached "$gateway" "$port"
}

@test "create -N: nothing but loopback, whatever root inside tries" {
	address=$(gateway)
	T=$T-n
	[ "$(inside ls /sys/class/net)" = lo ]
	[ "$(engine_api GET "/1.0/instances/$T/state" |
	    jq -r '.network | keys[]')" = lo ]
	run ! reached "$address" "$(cat "port.0.0.0.0")"
	for kind in macvlan ipvlan veth dummy; do
		inside sh -c 'ip link add probe type "$1" 2>/dev/null ||
		    ip link add probe link lo type "$1" 2>/dev/null || exit 0
		    ip address add 10.0.0.2/8 dev probe
		    ip link set probe up
		    ip route add default dev probe' sh "$kind" || :
		run ! reached "$address" "$(cat "port.0.0.0.0")"
		inside ip link del probe || :
	done
}
