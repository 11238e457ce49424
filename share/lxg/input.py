# Input methods of a session, a part of what helper.py makes one file of: where
# ibus or fcitx5 is installed with an engine, programs find it, and it runs as
# long as the session does, on its bus and display. What the user has set is
# left alone. SPDX-License-Identifier: ISC
import contextlib
import glob
import os
import re
import shlex
import shutil
import subprocess

# Where Debian's im-config keeps what was chosen.
CHOICES = "~/.xinputrc", "/etc/X11/xinit/xinputrc"
COMPONENTS = "/usr/share/ibus/component/*.xml"
METHODS = "/usr/share/fcitx5/inputmethod/*.conf"


def input_method():
    """The framework that is to run: "ibus", "fcitx5" or None."""
    found = [name for name, program, files in (
        ("fcitx5", "fcitx5", glob.glob(METHODS)),
        ("ibus", "ibus-daemon", ibus_files())) if files and
        shutil.which(program)]
    chosen = chosen_method()
    if chosen is None:
        return found[0] if found else None
    return next((name for name in found if chosen.startswith(name[:4])), None)


def chosen_method():
    """What the environment or im-config names; None: nothing does."""
    _, _, name = os.environ.get("XMODIFIERS", "").partition("@im=")
    name = name or os.environ.get("GTK_IM_MODULE")
    if name:
        return name
    for path in CHOICES:
        with contextlib.suppress(OSError), open(
                os.path.expanduser(path), errors="replace") as f:
            said = re.search(r"^run_im\s+(\w+)", f.read(), re.M)
            if said is None or said[1] in ("auto", "default"):
                return None
            return said[1]
    return None


def input_environment(name):
    """GTK takes the first of a list that is installed: XIM needs no module."""
    module = "fcitx" if name == "fcitx5" else "ibus"
    return {"XMODIFIERS": "@im=" + module, "GTK_IM_MODULE": module + ":xim",
            "QT_IM_MODULE": module, "SDL_IM_MODULE": module,
            "GLFW_IM_MODULE": "ibus"}


def run_input(name):
    """Becomes its daemon, for whoever has set nothing with an engine that can
    be switched to. The keyboard stays the one that the host's display has."""
    # what goes wrong here is that nothing is switched to
    with contextlib.suppress(Exception):
        {"ibus": prepare_ibus, "fcitx5": prepare_fcitx}[name]()
    os.execvp(*{"ibus": ("ibus-daemon", ["ibus-daemon", "--xim",
                                         "--cache=refresh"]),
                "fcitx5": ("fcitx5", ["fcitx5", "--disable=wayland"])}[name])


def by_locale(methods):
    """Names of (language, rank, name): the locale's language comes first, and
    of each language the highest rank, once."""
    locale = next((os.environ[key] for key in ("LC_ALL", "LC_CTYPE", "LANG")
                   if os.environ.get(key)), "C").split(".")[0]
    best = {}
    for language, rank, name in sorted(methods, key=lambda m: (
            m[0] != locale, m[0][:2] != locale[:2], -m[1], m[2])):
        best.setdefault(language, name)
    return list(best.values())


def ibus_files():
    """Of engines; what a keyboard layout is for ibus is in simple.xml."""
    return [path for path in glob.glob(COMPONENTS)
            if os.path.basename(path) != "simple.xml" and holds_engines(path)]


def holds_engines(path):
    with contextlib.suppress(OSError), open(path, errors="replace") as f:
        return "<engines" in f.read()
    return False


def ibus_engines():
    from xml.etree import ElementTree       # which most sessions do without
    for path in ibus_files():
        root = ElementTree.parse(path).getroot()
        run = root.find("engines").get("exec")
        if run:
            root = ElementTree.fromstring(subprocess.run(
                shlex.split(run), stdout=subprocess.PIPE, timeout=10,
                stdin=subprocess.DEVNULL, check=True).stdout)
        for engine in root.iter("engine"):
            yield (engine.findtext("language", ""),
                   int(engine.findtext("rank") or 0), engine.findtext("name"))


def prepare_ibus():
    from gi.repository import Gio, GLib
    wanted = {"preload-engines": ["xkb:us::eng", *by_locale(ibus_engines())],
              "use-system-keyboard-layout": True}
    settings = Gio.Settings.new("org.freedesktop.ibus.general")
    keys = Gio.Settings.new("org.freedesktop.ibus.general.hotkey")
    for key, value in wanted.items():
        if settings.get_user_value(key) is None:
            settings.set_value(key, GLib.Variant(
                "b" if value is True else "as", value))
    # a desktop may keep the first one for itself
    if keys.get_user_value("triggers") is None:
        keys.set_value("triggers", GLib.Variant(
            "as", ["<Super>space", "<Control>space"]))
    Gio.Settings.sync()


def fcitx_methods():
    for path in glob.glob(METHODS):
        with open(path) as f:
            language = re.search(r"^LangCode=(\S+)", f.read(), re.M)
        name = os.path.basename(path)[:-len(".conf")]
        yield language[1] if language else "", name == "pinyin", name


def prepare_fcitx():
    home = os.environ.get("XDG_CONFIG_HOME", os.path.expanduser("~/.config"))
    names = ["keyboard-us", *by_locale(fcitx_methods())]
    files = {
        "conf/xcb.conf": "Allow Overriding System XKB Settings=False\n",
        "profile": "[Groups/0]\nName=Default\nDefault Layout=us\n"
                   "DefaultIM=%s\n" % names[1] +
                   "".join("[Groups/0/Items/%d]\nName=%s\nLayout=\n" % item
                           for item in enumerate(names)) +
                   "[GroupOrder]\n0=Default\n"}
    os.makedirs(home + "/fcitx5/conf", exist_ok=True)
    for name, text in files.items():
        with contextlib.suppress(FileExistsError), open(
                "%s/fcitx5/%s" % (home, name), "x") as f:
            f.write(text)
