"""The words of the house: Chinese in the code, English in one catalogue (pages/locale/en).

No gettext programs are needed: `python -m afterbell.pages.words collect | check | compile`.
"""
